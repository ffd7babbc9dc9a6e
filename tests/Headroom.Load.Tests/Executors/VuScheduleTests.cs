using Headroom.Load.Executors;

namespace Headroom.Load.Tests.Executors;

public sealed class VuScheduleTests(ITestOutputHelper output)
{
    [Fact]
    public void VusAt_UpHoldDown_FollowsTheStages()
    {
        var schedule = new VuSchedule(0, [Stage(10, 10), Stage(5, 10), Stage(10, 0)]);
        Assert.Equal([0, 1, 9, 10, 10, 10, 10, 9, 1, 0], new[] { 0.5, 1, 9.5, 10, 12, 15, 15.5, 16, 24.5, 25 }.Select(second => schedule.VusAt(Ns(second))));
    }

    [Fact]
    public void NextChangeNs_FromChangeToChange_VisitsEveryNumberOnce()
    {
        var schedule = new VuSchedule(0, [Stage(10, 10), Stage(5, 10), Stage(10, 0)]);
        var numbers = new List<int> { schedule.VusAt(0) };
        for (var at = schedule.NextChangeNs(0); at != VuSchedule.Never; at = schedule.NextChangeNs(at))
            numbers.Add(schedule.VusAt(at));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], numbers);
    }

    [Fact]
    public void NextChangeNs_Jump_IsAtTheJump()
    {
        var schedule = new VuSchedule(1, [Stage(2, 1), new Stage(TimeSpan.Zero, 500), Stage(3, 500)]);
        Assert.Equal(Ns(2), schedule.NextChangeNs(0));
        Assert.Equal(500, schedule.VusAt(Ns(2)));
        Assert.Equal(VuSchedule.Never, schedule.NextChangeNs(Ns(2)));
    }

    [Fact]
    public void NextChangeNs_AnyStages_IsTheFirstTimeWithAnotherNumber()
    {
        var seed = Seed.Printed(output);
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var stages = Enumerable.Range(0, random.Next(1, 5)).Select(_ => new Stage(TimeSpan.FromMilliseconds(random.Next(3) * random.Next(1, 3000)), random.Next(0, 40))).ToArray();
            var schedule = new VuSchedule(random.Next(0, 20), stages);
            var changes = 0;
            for (long at = 0, next; (next = schedule.NextChangeNs(at)) != VuSchedule.Never; at = next)
            {
                Assert.True(next > at && ++changes < 1000);
                Assert.NotEqual(schedule.VusAt(at), schedule.VusAt(next));
                Assert.Equal(schedule.VusAt(at), schedule.VusAt(next - 1));
                Assert.Equal(schedule.VusAt(at), schedule.VusAt(at + ((next - at) / 2)));
            }
        }
    }

    private static Stage Stage(double seconds, double target) => new(TimeSpan.FromSeconds(seconds), target);

    private static long Ns(double seconds) => (long)(seconds * 1e9);
}
