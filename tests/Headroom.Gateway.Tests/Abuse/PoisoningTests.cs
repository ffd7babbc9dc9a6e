using Headroom.Gateway.Tests.Conformance;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>The table of poisoning against the gateway, all rows at once.</summary>
public sealed class PoisoningTests(PoisoningTests.Gateway gateway) : IClassFixture<PoisoningTests.Gateway>
{
    public static TheoryData<string> Ids => [.. PoisoningTable.All.Select(behaviour => behaviour.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Cache_AfterAnAttackersRequest_GivesTheVictimTheirOwn(string id) => gateway.Run.AssertHolds(PoisoningTable.All.Single(behaviour => behaviour.Id == id));

    public sealed class Gateway : IAsyncLifetime
    {
        internal ConformanceRun Run { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await using var origin = new ScriptedOrigin();
            await using var gateway = await GatewayServer.StartAsync(origin.Url);
            Run = await ConformanceRun.OfAsync(gateway.Url, origin, PoisoningTable.All, TestContext.Current.CancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
