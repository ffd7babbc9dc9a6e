using Headroom.Caching.Tiered;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tests.Tiered;

/// <summary>What one node uses does not end under the readers of another.</summary>
public sealed class SlidingAcrossTiersTests : IDisposable
{
    static readonly TimeSpan Sliding = TimeSpan.FromSeconds(40);

    readonly ManualTime time;
    readonly Nodes nodes;

    public SlidingAcrossTiersTests()
    {
        time = new ManualTime();
        nodes = new Nodes(time);
    }

    public void Dispose() => nodes.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    TieredCache Node(TimeSpan? local = null) => nodes.Add(configure: options =>
    {
        options.Expiration = TimeSpan.FromMinutes(10);
        options.LocalExpiration = local;
        options.SlidingExpiration = Sliding;
    });

    static ValueTask<string> GetAsync(HybridCache node, string made) => node.GetOrCreateAsync("key", _ => new ValueTask<string>(made), cancellationToken: Cancellation);

    [Theory]
    [InlineData(1, 600)]
    [InlineData(7, 600)]
    [InlineData(39, 600)]
    [InlineData(1, 25)]
    [InlineData(39, 45)]
    public async Task Use_InOneNodesMemory_LetsTheValueLiveOnForAnotherNode(int everySeconds, int localSeconds)
    {
        var one = Node(TimeSpan.FromSeconds(localSeconds));
        Assert.Equal("first", await GetAsync(one, "first"));
        for (var seconds = 0; seconds < 300; seconds += everySeconds)
        {
            time.Advance(TimeSpan.FromSeconds(everySeconds));
            Assert.Equal("first", await GetAsync(one, "second"));
        }

        // Half of the sliding life is what is promised after the last use.
        time.Advance(Sliding / 2);
        Assert.Equal("first", await GetAsync(Node(), "second"));
    }

    [Fact]
    public async Task Use_OftenInMemory_IsToldOnceInAQuarter()
    {
        var one = Node();
        await GetAsync(one, "first");
        for (var tenths = 0; tenths < 3_000; tenths++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            await GetAsync(one, "second");
        }

        // 300 s, once in 10 s; the marker of the key once, when the entry was written.
        Assert.InRange(nodes.Store.Touched.Count(touched => touched.Contains("e:{", StringComparison.Ordinal)), 25, 30);
    }

    [Fact]
    public async Task NotUsed_ForItsSlidingLife_IsOverEverywhere()
    {
        var one = Node();
        await GetAsync(one, "first");
        time.Advance(Sliding);
        Assert.Equal("second", await GetAsync(Node(), "second"));
        Assert.Equal("second", await GetAsync(one, "third"));
    }

    [Fact]
    public async Task Use_UpToTheAbsoluteEnd_NotBeyondIt()
    {
        var one = Node();
        await GetAsync(one, "first");
        for (var seconds = 0; seconds < 599; seconds++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("first", await GetAsync(one, "second"));
        }

        Assert.InRange(nodes.Store.LifeOf("headroom:e:{key}"), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("second", await GetAsync(Node(), "second"));
    }

    [Fact]
    public async Task Use_StoreAway_IsAnsweredFromMemory()
    {
        var one = Node();
        await GetAsync(one, "first");
        time.Advance(Sliding / 2);
        nodes.Store.Before = static (_, _, _) => throw new IOException("away");
        Assert.Equal("first", await GetAsync(one, "second"));
    }
}
