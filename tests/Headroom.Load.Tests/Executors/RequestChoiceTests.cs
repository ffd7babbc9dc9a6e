using Headroom.Load.Executors;

namespace Headroom.Load.Tests.Executors;

public sealed class RequestChoiceTests
{
    [Fact]
    public void Next_ManyDraws_FollowsTheWeights()
    {
        var choice = new RequestChoice([(4, 1), (7, 3), (9, 6)], seed: 42);
        var counts = new int[10];
        for (var i = 0; i < 100_000; i++)
            counts[choice.Next()]++;
        Assert.InRange(counts[4], 9_500, 10_500);
        Assert.InRange(counts[7], 29_000, 31_000);
        Assert.InRange(counts[9], 59_000, 61_000);
    }

    [Fact]
    public void Next_ShortStretch_AlreadyHasEveryRequestInProportion()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var choice = new RequestChoice([(0, 1), (1, 50), (2, 49)], seed);
            var counts = new int[3];
            for (var i = 0; i < 300; i++)
                counts[choice.Next()]++;
            Assert.InRange(counts[0], 1, 5);
            Assert.InRange(counts[1], 145, 155);
        }
    }

    [Fact]
    public void Next_SameSeed_GivesTheSameSequence()
    {
        RequestChoice Make(int seed) => new([(0, 1), (1, 1), (2, 1)], seed);
        int[] Draw(RequestChoice choice) => [.. Enumerable.Range(0, 100).Select(_ => choice.Next())];
        Assert.Equal(Draw(Make(1)), Draw(Make(1)));
        Assert.NotEqual(Draw(Make(1)), Draw(Make(2)));
    }

    [Fact]
    public void SeedOf_PlanScenarioAndWorker_IsTheSameInEveryProcess()
    {
        // HashCode.Combine would be another number each time the program starts.
        var plan = new LoadPlan { Name = "p", Scenarios = [], Seed = 7 };
        Assert.Equal([7, 6, 7 + 65536], [RequestChoice.SeedOf(plan, 0, 0), RequestChoice.SeedOf(plan, 0, 1), RequestChoice.SeedOf(plan, 1, 0)]);
    }
}
