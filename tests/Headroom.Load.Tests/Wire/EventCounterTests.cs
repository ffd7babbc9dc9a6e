using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public sealed class EventCounterTests
{
    [Theory]
    [InlineData("data: x\n\n", 1)]
    [InlineData("data: x\r\n\r\n", 1)]
    [InlineData("data: x\r\r", 1)]
    [InlineData("data: x\r\n\n", 1)]
    [InlineData("data: x\n\r\n", 1)]
    [InlineData("data: a\ndata: b\n\n", 1)]
    [InlineData("data: a\n\ndata: b\n\n", 2)]
    [InlineData("data\n\n", 1)]
    [InlineData("data:\n\n", 1)]
    [InlineData("data:x\n\n\n\n", 1)]
    [InlineData("\uFEFFdata: x\n\n", 1)]
    [InlineData("\uFEFF\uFEFFdata: x\n\n", 0)]
    [InlineData(": heartbeat\n\n", 0)]
    [InlineData(":\n\n:\n\n", 0)]
    [InlineData("event: ping\n\n", 0)]
    [InlineData("id: 1\nretry: 5\n\n", 0)]
    [InlineData("event: a\nid: 1\ndata: x\n\n", 1)]
    [InlineData("datas: x\n\n", 0)]
    [InlineData("dat: x\n\n", 0)]
    [InlineData(" data: x\n\n", 0)]
    [InlineData("Data: x\n\n", 0)]
    [InlineData("data : x\n\n", 0)]
    [InlineData("xdata: x\n\n", 0)]
    [InlineData("data: x", 0)]
    [InlineData("data: x\n", 0)]
    [InlineData("data: a\n\ndata: cut off\n", 1)]
    [InlineData("", 0)]
    [InlineData("\n\r\n\r", 0)]
    [InlineData("data: x\n: comment\n\n", 1)]
    [InlineData("\u00EF\u00BBdata: x\n\n", 0)]
    public void Feed_Stream_CountsEventsHoweverItIsCut(string stream, int expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        for (var pieceBytes = 1; pieceBytes <= bytes.Length + 1; pieceBytes++)
        {
            var counter = new EventCounter();
            long events = 0;
            foreach (var piece in bytes.Chunk(pieceBytes))
                events += counter.Feed(piece, long.MaxValue);
            Assert.True(expected == events, $"in pieces of {pieceBytes}: {events}");
        }
    }

    [Fact]
    public void Feed_Maximum_IsNotExceeded()
    {
        var counter = new EventCounter();
        Assert.Equal(2, counter.Feed("data: 1\n\ndata: 2\n\ndata: 3\n\n"u8, 2));
    }
}
