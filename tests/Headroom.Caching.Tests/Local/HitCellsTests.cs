using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class HitCellsTests
{
    [Fact]
    public void Add_OneThread_SaysTrueOnceInSixtyFour()
    {
        var cells = new HitCells();
        var said = Enumerable.Range(0, 6_400).Count(_ => cells.Add());
        Assert.Equal(100, said);
        Assert.Equal(6_400, cells.Total);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(200)]
    public void Total_ManyThreadsAtOnce_IsExact(int count)
    {
        const int Each = 20_000;
        var cells = new HitCells();
        using var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < Each; i++)
                cells.Add();
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.Equal((long)count * Each, cells.Total);
    }

    [Fact]
    public void Total_ThreadThatGoesDeep_IsExact()
    {
        var cells = new HitCells();
        Deep(600);
        Assert.Equal(601, cells.Total);

        void Deep(int levels)
        {
            Span<byte> room = stackalloc byte[1_000];
            room.Fill((byte)levels);
            cells.Add();
            if (levels > 0)
                Deep(levels - 1);
            Assert.Equal((byte)levels, room[^1]);
        }
    }
}
