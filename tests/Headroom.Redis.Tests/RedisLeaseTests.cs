using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests;

public sealed class RedisLeaseTests
{
    readonly string name = $"lease:{Guid.NewGuid():n}:}}{{";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryAcquire_HeldByAnother_NullUntilReleased()
    {
        await using var client = await RedisClient.ConnectAsync(Require.Redis(), Cancellation);
        var first = await client.TryAcquireLeaseAsync(name, TimeSpan.FromMinutes(1), Cancellation);
        Assert.NotNull(first);
        Assert.Null(await client.TryAcquireLeaseAsync(name, TimeSpan.FromMinutes(1), Cancellation));
        Assert.True(await first.RenewAsync(TimeSpan.FromMinutes(2), Cancellation));
        Assert.True(await first.ReleaseAsync(Cancellation));
        Assert.False(await first.ReleaseAsync(Cancellation));
        await using var second = await client.TryAcquireLeaseAsync(name, TimeSpan.FromMinutes(1), Cancellation);
        Assert.True(second!.FencingToken > first.FencingToken);
    }

    [Fact]
    public async Task Release_AfterItBecameAnothers_LeavesIt()
    {
        await using var client = await RedisClient.ConnectAsync(Require.Redis(), Cancellation);
        var first = await client.TryAcquireLeaseAsync(name, TimeSpan.FromMilliseconds(30), Cancellation);
        RedisLease? second = null;
        await Wait.UntilAsync(async () => (second = await client.TryAcquireLeaseAsync(name, TimeSpan.FromMinutes(1), Cancellation)) is not null, "the first one's end");
        Assert.False(await first!.RenewAsync(TimeSpan.FromMinutes(1), Cancellation));
        Assert.False(await first.ReleaseAsync(Cancellation));
        Assert.Null(await client.TryAcquireLeaseAsync(name, TimeSpan.FromMinutes(1), Cancellation));
        await second!.DisposeAsync();
    }

    [Fact]
    public async Task TryAcquire_ManyAtOnce_OneGetsItAndTokensGrow()
    {
        await using var client = await RedisClient.ConnectAsync($"{Require.Redis()},asyncTimeout=20000", Cancellation);
        var last = 0L;
        for (var round = 0; round < 20; round++)
        {
            var leases = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.TryAcquireLeaseAsync(name, TimeSpan.FromMinutes(1), Cancellation).AsTask()));
            var held = Assert.Single(leases, lease => lease is not null)!;
            Assert.True(held.FencingToken > last);
            last = held.FencingToken;
            await held.DisposeAsync();
        }
    }

    [Fact]
    public async Task TryAcquire_NoTime_Refused()
    {
        await using var client = new RedisClient(RedisOptions.Parse("localhost"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.TryAcquireLeaseAsync(name, TimeSpan.Zero, Cancellation));
    }
}
