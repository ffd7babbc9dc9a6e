using System.Threading.RateLimiting;
using Headroom.Redis;
using Headroom.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.RateLimits;

public sealed class SharedRateLimitTests
{
    [Fact]
    public async Task Redis_TwoProcesses_CountTogetherInOneRoundTripEach()
    {
        var policy = "p" + Guid.NewGuid().ToString("n");
        await using var one = await WithRedisAsync(policy, Require.Redis());
        await using var other = await WithRedisAsync(policy, Require.Redis());
        using var first = await one.GetAsync("/");
        Assert.Equal((200, $"\"{policy}\";q=3;w=3600", $"\"{policy}\";r=2;t=1200"), ((int)first.StatusCode, first.Header("RateLimit-Policy"), first.Header("RateLimit")));
        using var second = await other.GetAsync("/");
        Assert.StartsWith($"\"{policy}\";r=1;t=", second.Header("RateLimit"), StringComparison.Ordinal);
        using var third = await one.GetAsync("/");
        using var fourth = await other.GetAsync("/");
        Assert.Equal((200, 429), ((int)third.StatusCode, (int)fourth.StatusCode));
        Assert.InRange(int.Parse(fourth.Header("Retry-After")!, null), 1100, 1200);
    }

    [Fact]
    public async Task Redis_Away_EachProcessCountsForItselfAndRequestsDoNotWait()
    {
        var port = FreePort.Next();
        await using var app = await WithRedisAsync("burst", $"127.0.0.1:{port}");
        Assert.Equal("200 200 200 429", await StatusesAsync(app, 4));
    }

    [Fact]
    public async Task Shared_ThatHangsOrThrows_IsLeftAloneForASecondAndAskedAgain()
    {
        var time = new ManualTime();
        using var limiter = new Scripted();
        await using var app = await StartAsync(
            (_, _, _, _, _) => limiter,
            services => services.AddSingleton<TimeProvider>(time),
            "burst");
        Assert.Equal("200", await StatusesAsync(app, 1));
        Assert.Equal(1, limiter.Asked);

        limiter.Answer = () => throw new InvalidOperationException("away");
        Assert.Equal("200 200 200 429", await StatusesAsync(app, 4));
        Assert.Equal(2, limiter.Asked);

        limiter.Answer = () => Task.FromResult(true);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("200 200", await StatusesAsync(app, 2));
        Assert.Equal(4, limiter.Asked);

        var never = new TaskCompletionSource<bool>();
        var asked = new TaskCompletionSource();
        limiter.Answer = () =>
        {
            asked.SetResult();
            return never.Task;
        };
        var hanging = StatusesAsync(app, 1);
        await asked.Task;
        while (!hanging.IsCompleted)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal("429", await hanging);
    }

    [Fact]
    public async Task AspNetCoresOwnLimiter_TakesTheSameType()
    {
        await using var redis = await RedisClient.ConnectAsync(Require.Redis(), TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddSingleton(new RedisRateLimiter(redis)).BuildServiceProvider();
        await using var limiter = RedisRateLimiter.Shared(services, "p" + Guid.NewGuid().ToString("n"), 1, TimeSpan.FromHours(1), 1);
        using var attempt = limiter.AttemptAcquire("key");
        Assert.False(attempt.IsAcquired);
        Assert.False(attempt.TryGetMetadata(MetadataName.RetryAfter, out _));
        using var first = await limiter.AcquireAsync("key", 1, TestContext.Current.CancellationToken);
        using var second = await limiter.AcquireAsync("key", 1, TestContext.Current.CancellationToken);
        Assert.True(first.IsAcquired);
        Assert.False(first.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.False(second.IsAcquired);
        Assert.True(second.TryGetMetadata(MetadataName.RetryAfter, out var after));
        Assert.InRange(after.TotalMinutes, 59, 60);
    }

    static Task<HttpApp> WithRedisAsync(string policy, string connection) =>
        StartAsync(RedisRateLimiter.Shared, services => services.AddHeadroomRedis(connection), policy);

    static Task<HttpApp> StartAsync(SharedRateLimiterFactory shared, Action<IServiceCollection> add, string name) => HttpApp.StartAsync(
        app =>
        {
            app.UseHeadroomRateLimits();
            app.MapGet("/", () => "ok").RateLimit(name);
        },
        services =>
        {
            add(services);
            services.AddHeadroomRateLimits(options =>
            {
                options.AddPolicy(name, policy => (policy.Limit, policy.Window, policy.Shared) = (3, TimeSpan.FromHours(1), true));
                options.SharedLimiter = shared;
                options.SharedTimeout = TimeSpan.FromSeconds(2);
            });
        });

    static async Task<string> StatusesAsync(HttpApp app, int count)
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
        {
            using var response = await app.GetAsync("/");
            statuses[i] = (int)response.StatusCode;
        }

        return string.Join(' ', statuses);
    }

    sealed class Scripted : PartitionedRateLimiter<string>
    {
        public Func<Task<bool>> Answer { get; set; } = () => Task.FromResult(true);

        public int Asked { get; private set; }

        public override RateLimiterStatistics? GetStatistics(string resource) => null;

        protected override RateLimitLease AttemptAcquireCore(string resource, int permitCount) => throw new NotSupportedException();

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(string resource, int permitCount, CancellationToken cancellationToken)
        {
            Asked++;
            return new Lease(await Answer());
        }

        sealed class Lease(bool isAcquired) : RateLimitLease
        {
            public override bool IsAcquired => isAcquired;

            public override IEnumerable<string> MetadataNames => [];

            public override bool TryGetMetadata(string metadataName, out object? metadata)
            {
                metadata = null;
                return false;
            }
        }
    }
}
