using Headroom.Gateway.Tests.Conformance.Table;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>The table against the gateway, all rows at once: every required behaviour holds, and at least a hundred of the optimal ones.</summary>
public sealed class GatewayConformanceTests(GatewayConformanceTests.Gateway gateway, ITestOutputHelper output) : IClassFixture<GatewayConformanceTests.Gateway>
{
    // Those that do not hold are decisions: parts are kept whole only, and an answer with Set-Cookie is not kept.
    private const int OptimalMin = 100;

    public static TheoryData<string> Required => [.. BehaviourTable.All.Where(behaviour => behaviour.Kind == Kind.Required).Select(behaviour => behaviour.Id)];

    [Theory]
    [MemberData(nameof(Required))]
    public void Cache_RequiredBehaviour_Holds(string id) => gateway.Run.AssertHolds(BehaviourTable.All.Single(behaviour => behaviour.Id == id));

    [Fact]
    public void Cache_OptimalBehaviours_HundredHold()
    {
        output.WriteLine(ConformanceRun.Table(BehaviourTable.All, [("Headroom", gateway.Run)]));
        output.WriteLine(gateway.Run.Failures(BehaviourTable.All, Kind.Optimal));

        Assert.InRange(gateway.Run.Passing(BehaviourTable.All, Kind.Optimal).Count, OptimalMin, int.MaxValue);
    }

    [Fact]
    public void Table_Ids_AreUniqueAndBehavioursMany()
    {
        Assert.Empty(BehaviourTable.All.GroupBy(behaviour => behaviour.Id, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.True(BehaviourTable.All.Count(behaviour => behaviour.Kind == Kind.Required) >= 160);
        Assert.True(BehaviourTable.All.Count(behaviour => behaviour.Kind == Kind.Optimal) >= 105);
    }

    public sealed class Gateway : IAsyncLifetime
    {
        internal ConformanceRun Run { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await using var origin = new ScriptedOrigin();
            await using var gateway = await GatewayServer.StartAsync(origin.Url);
            Run = await ConformanceRun.OfAsync(gateway.Url, origin, BehaviourTable.All, TestContext.Current.CancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
