using System.Diagnostics;

namespace Headroom.Redis.Tests;

public sealed class RedisRateLimiterTests : IAsyncLifetime
{
    readonly string key = Guid.NewGuid().ToString("n");
    RedisClient client = null!;
    RedisRateLimiter limiter = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        client = await RedisClient.ConnectAsync($"{Require.Redis()},asyncTimeout=20000", Cancellation);
        limiter = new RedisRateLimiter(client, "test-limit:");
    }

    public ValueTask DisposeAsync() => client is null ? default : client.DisposeAsync();

    [Fact]
    public async Task Acquire_UpToTheBurst_ThenRefusedWithWhenToComeAgain()
    {
        var limit = new RedisRateLimit(10, TimeSpan.FromMinutes(10), Burst: 5);
        for (var taken = 1; taken <= 5; taken++)
        {
            var allowed = await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation);
            Assert.Equal((true, 5, 5 - taken), (allowed.IsAllowed, allowed.Limit, allowed.Remaining));
            Assert.Equal(TimeSpan.Zero, allowed.RetryAfter);
            Assert.InRange(allowed.ResetAfter.TotalSeconds, (taken * 60) - 5, taken * 60);
        }

        var refused = await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation);
        Assert.Equal((false, 0L), (refused.IsAllowed, refused.Remaining));
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 55, 60);
        Assert.InRange(refused.ResetAfter.TotalSeconds, 295, 300);
        Assert.True(await limiter.ResetAsync(key, Cancellation));
        Assert.True((await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task Acquire_Cost_CountsForAsManyAndMoreThanTheBurstNever()
    {
        var limit = new RedisRateLimit(10, TimeSpan.FromHours(1));
        Assert.Equal(3, (await limiter.AcquireAsync(key, limit, 7, Cancellation)).Remaining);
        Assert.False((await limiter.AcquireAsync(key, limit, 4, Cancellation)).IsAllowed);
        Assert.Null((await limiter.AcquireAsync(key, limit, 11, Cancellation)).RetryAfter);
        Assert.True((await limiter.AcquireAsync(key, limit, 3, Cancellation)).IsAllowed);
        Assert.True((await limiter.AcquireAsync(key, limit, 0, Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task Peek_TakesNothing()
    {
        var limit = new RedisRateLimit(2, TimeSpan.FromHours(1));
        for (var time = 0; time < 5; time++)
            Assert.Equal((true, 2L), ((await limiter.PeekAsync(key, limit, 1, Cancellation)) is var peek ? (peek.IsAllowed, peek.Remaining) : default));
    }

    [Fact]
    public async Task Acquire_ManyCallersAtOnce_NeverMoreThanTheLimit()
    {
        var limit = new RedisRateLimit(100, TimeSpan.FromHours(1));
        var results = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => limiter.AcquireAsync(key, limit, cancellationToken: Cancellation).AsTask()));
        Assert.Equal(100, results.Count(result => result.IsAllowed));
    }

    [Fact]
    public async Task Acquire_OverTime_AsManyAsTheRateAllows()
    {
        // 200 a second and a burst of 10, asked without pause for a second.
        var limit = new RedisRateLimit(200, TimeSpan.FromSeconds(1), Burst: 10);
        var begin = Stopwatch.GetTimestamp();
        var allowed = 0;
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(begin)) < TimeSpan.FromSeconds(1))
            allowed += (await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation)).IsAllowed ? 1 : 0;
        // Fewer only because this test did not ask while the machine did something else. The last decision may be later than the last look at the clock.
        var most = 10 + (200 * Stopwatch.GetElapsedTime(begin).TotalSeconds) + 1;
        Assert.InRange(allowed, 10 + (200 * elapsed.TotalSeconds * 0.25), most);
        Assert.InRange((await client.TimeToLiveAsync("test-limit:" + key, Cancellation))?.TotalMilliseconds ?? 0, 0, 60);
    }

    [Fact]
    public async Task Acquire_RefusedThenWaitedAsTold_Allowed()
    {
        var limit = new RedisRateLimit(1, TimeSpan.FromMilliseconds(200));
        Assert.True((await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation)).IsAllowed);
        var refused = await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation);
        Assert.False(refused.IsAllowed);
        await Task.Delay(refused.RetryAfter!.Value + TimeSpan.FromMilliseconds(5), Cancellation);
        Assert.True((await limiter.AcquireAsync(key, limit, cancellationToken: Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task Acquire_OutOfBounds_Refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(key, new RedisRateLimit(0, TimeSpan.FromSeconds(1)), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(key, new RedisRateLimit(1, TimeSpan.Zero), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(key, new RedisRateLimit(1, TimeSpan.FromSeconds(1)), -1, Cancellation));
    }
}
