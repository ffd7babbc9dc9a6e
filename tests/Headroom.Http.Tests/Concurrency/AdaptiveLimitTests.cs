using System.Globalization;
using Headroom.Http.Concurrency;
using Headroom.Testing;

namespace Headroom.Http.Tests.Concurrency;

/// <summary>A server that is known: 16 workers, 20 ms a request, so 800 requests a second.</summary>
public sealed class AdaptiveLimitTests(ITestOutputHelper output)
{
    const int Workers = 16;
    const double Service = 0.02;
    const double Capacity = Workers / Service;

    [Theory]
    [InlineData(20)]
    [InlineData(5)]
    [InlineData(500)]
    public void Overload_ForAnHour_KeepsThroughputAndLatencyNearTheServersOwn(int initial)
    {
        var seed = Seed.Printed(output);
        var server = new SimulatedServer(seed, Workers, Service, 3 * Capacity, policy => policy.Limit = initial);
        server.Run(300);
        for (var minutes = 0; minutes < 60; minutes += 15)
        {
            var seen = Print(server.Run(15 * 60));
            Assert.True(seen.Throughput > 0.9 * Capacity, $"HEADROOM_TEST_SEED={seed}: {seen}");
            Assert.True(seen.Mean < 3 * Service, $"HEADROOM_TEST_SEED={seed}: {seen}");
            Assert.True(seen.LimitMost < 5 * Workers, $"HEADROOM_TEST_SEED={seed}: {seen}");
        }
    }

    [Fact]
    public void LoadWithinCapacity_ForAnHour_RefusesNobody()
    {
        var seed = Seed.Printed(output);
        var server = new SimulatedServer(seed, Workers, Service, 0.5 * Capacity, policy => policy.Limit = 40);
        var seen = Print(server.Run(3600));
        Assert.True(seen.Refused < 3600 * 0.5 * Capacity * 1e-4, $"HEADROOM_TEST_SEED={seed}: {seen}");
    }

    [Fact]
    public void SlowPhase_Over_IsRecoveredFrom()
    {
        var seed = Seed.Printed(output);
        var server = new SimulatedServer(seed, Workers, Service, 1.5 * Capacity);
        server.Run(300);
        server.ServiceSeconds = 5 * Service;
        var start = Print(server.Run(60));
        Assert.True(start.Mean < 60, start.ToString());
        var slow = Print(server.Run(600));
        Assert.True(slow.Throughput > 0.85 * Capacity / 5, $"HEADROOM_TEST_SEED={seed}: {slow}");
        Assert.True(slow.Mean < 3 * 5 * Service, $"HEADROOM_TEST_SEED={seed}: {slow}");
        server.ServiceSeconds = Service;
        server.Run(60);
        var after = Print(server.Run(600));
        Assert.True(after.Throughput > 0.9 * Capacity, $"HEADROOM_TEST_SEED={seed}: {after}");
        Assert.True(after.Mean < 3 * Service, $"HEADROOM_TEST_SEED={seed}: {after}");
    }

    [Fact]
    public void Stalls_OfAnyKind_NeverPushTheLimitOutOfItsBounds()
    {
        var seed = Seed.Printed(output);
        var random = new Random(seed);
        var server = new SimulatedServer(seed, Workers, Service, Capacity, policy => (policy.MinLimit, policy.MaxLimit) = (7, 60));
        for (var phase = 0; phase < 60; phase++)
        {
            server.ServiceSeconds = Service * Math.Pow(10, (random.NextDouble() * 3) - 1);
            server.Rate = Capacity * Math.Pow(10, (random.NextDouble() * 2) - 1);
            var seen = server.Run(30);
            Assert.True(seen.LimitLeast >= 3 && seen.LimitMost <= 60, $"HEADROOM_TEST_SEED={seed}: {seen}");
            Assert.True(seen.LimitLeast >= 7, $"HEADROOM_TEST_SEED={seed}: {seen}");
        }
    }

    [Fact]
    public void Step_LittleUsed_KeepsTheLimit()
    {
        var gradient = new GradientLimit(100, 5, 1000, 1.5);
        for (var window = 0; window < 1000; window++)
            gradient.Step(0.01 * (1 + (window % 7)), 49);
        Assert.Equal(100, gradient.Limit);
    }

    [Fact]
    public void Step_UsedAndAsFastAsUsual_GrowsByTheRootAndSmoothing()
    {
        var gradient = new GradientLimit(100, 5, 1000, 1.5);
        gradient.Step(0.01, 10);
        gradient.Step(0.01, 100);
        Assert.Equal(102, gradient.Limit);
        for (var window = 0; window < 1000; window++)
            gradient.Step(0.01, 1000);
        Assert.Equal(1000, gradient.Limit);
    }

    [Fact]
    public void Step_MuchSlowerThanUsual_FallsByAtMostATenthAWindow()
    {
        var gradient = new GradientLimit(100, 5, 1000, 1.5);
        gradient.Step(0.01, 10);
        gradient.Step(10, 100);
        Assert.Equal(92, gradient.Limit);
    }

    SimulatedServer.Seen Print(SimulatedServer.Seen seen)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seen.Throughput:0}/s, {seen.Refused} refused, limit {seen.LimitLeast} to {seen.LimitMost}, mean {seen.Mean * 1000:0.0} ms, p99 {seen.P99 * 1000:0} ms"));
        return seen;
    }
}
