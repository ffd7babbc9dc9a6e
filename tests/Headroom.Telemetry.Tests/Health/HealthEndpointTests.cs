using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Tests.Health;

public sealed class HealthEndpointTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_AllHealthy_Is200AndNotToBeStored()
    {
        await using var app = await StartAsync(checks => checks.AddCheck("database", () => HealthCheckResult.Healthy("secret connection string")));
        using var response = await app.Client.GetAsync("/health/ready", Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Matches("""^\{"status":"healthy","checks":\{"database":\{"status":"healthy","durationMs":[0-9.]+\}\}\}$""", body);
    }

    [Theory]
    [InlineData(HealthStatus.Healthy, 200, "healthy", "1")]
    [InlineData(HealthStatus.Degraded, 200, "degraded", "0.5")]
    [InlineData(HealthStatus.Unhealthy, 503, "unhealthy", "0")]
    public async Task Ready_ByStatus_AnswersAndIsMeasured(HealthStatus status, int code, string name, string value)
    {
        await using var app = await StartAsync(checks => checks.AddCheck("database", () => new HealthCheckResult(status)));
        using var response = await app.Client.GetAsync("/health/ready", Token);
        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal(name, await StatusAsync(response));
        Assert.Contains($"headroom_health_status{{headroom_health_check=\"database\"}} {value}\n", await app.Client.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_CheckThrows_Is503WithoutItsMessage()
    {
        await using var app = await StartAsync(checks => checks.AddCheck("database", () => throw new InvalidOperationException("secret host name")));
        using var response = await app.Client.GetAsync("/health/ready", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_ManyProbes_RunTheChecksOnceInFiveSeconds()
    {
        var runs = 0;
        var time = new ManualTime();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(
            checks => checks.AddAsyncCheck("database", async () =>
            {
                Interlocked.Increment(ref runs);
                await gate.Task;
                return HealthCheckResult.Healthy();
            }),
            time: time);

        var probes = Enumerable.Range(0, 20).Select(_ => app.Client.GetAsync("/health/ready", Token)).ToArray();
        await Task.Delay(200, Token);
        gate.SetResult();
        foreach (var response in await Task.WhenAll(probes))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        time.Advance(TimeSpan.FromSeconds(4.9));
        (await app.Client.GetAsync("/health/ready", Token)).Dispose();
        Assert.Equal(1, runs);
        time.Advance(TimeSpan.FromSeconds(0.1));
        (await app.Client.GetAsync("/health/ready", Token)).Dispose();
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Ready_CheckThatNeverEnds_Is503AfterTenSecondsAndIsNotStartedAgain()
    {
        var runs = 0;
        var time = new ManualTime();
        var never = new TaskCompletionSource<HealthCheckResult>();
        await using var app = await StartAsync(
            checks => checks.AddAsyncCheck("stuck", () =>
            {
                Interlocked.Increment(ref runs);
                return never.Task;
            }),
            time: time);

        for (var probe = 0; probe < 2; probe++)
        {
            var answer = app.Client.GetAsync("/health/ready", Token);
            while (!answer.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(11));
                await Task.Delay(20, Token);
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await answer).StatusCode);
        }

        Assert.Equal(1, runs);
        never.SetResult(HealthCheckResult.Healthy());
    }

    /// <summary>A database that hangs is the commonest dead one; who is woken must be told that it is the database.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ready_OneCheckHangs_IsNamedInTheAnswerTheMetricAndTheLog(bool endsWhenTold)
    {
        var hangs = false;
        var time = new ManualTime();
        var log = new LinesLog();
        using var hanging = new SemaphoreSlim(0);
        var released = new TaskCompletionSource();
        await using var app = await StartAsync(
            checks => checks
                .AddCheck("disk", () => HealthCheckResult.Healthy())
                .AddAsyncCheck("database", async token =>
                {
                    if (Volatile.Read(ref hangs))
                    {
                        hanging.Release();
                        await released.Task.WaitAsync(endsWhenTold ? token : CancellationToken.None);
                    }

                    return HealthCheckResult.Healthy();
                })
                .Services.AddSingleton<HealthCheckService, ChecksInPlace>(),
            time: time,
            log: log);
        (await app.Client.GetAsync("/health/ready", Token)).Dispose();
        time.Advance(TimeSpan.FromSeconds(6));
        Volatile.Write(ref hangs, value: true);

        var probe = app.Client.GetAsync("/health/ready", Token);
        await hanging.WaitAsync(Token);
        time.Advance(TimeSpan.FromSeconds(10));
        using (var failed = await probe)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
            var checks = JsonElement.Parse(await failed.Content.ReadAsStringAsync(Token)).GetProperty("checks");
            Assert.Equal("unhealthy", checks.GetProperty("database").GetProperty("status").GetString());
            Assert.Equal("healthy", checks.GetProperty("disk").GetProperty("status").GetString());
        }

        var metrics = await app.Client.GetStringAsync("/metrics", Token);
        Assert.Contains("headroom_health_status{headroom_health_check=\"database\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("headroom_health_status{headroom_health_check=\"disk\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Equal("The health check database took longer than 10 s and counts as failed.", await log.SingleAsync("The health check"));

        // What is known to hang keeps nobody waiting for as long as a result is kept.
        using (var kept = await app.Client.GetAsync("/health/ready", Token))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, kept.StatusCode);

        Volatile.Write(ref hangs, value: false);
        released.SetResult();
        var status = HttpStatusCode.ServiceUnavailable;
        for (var attempt = 0; attempt < 500 && status != HttpStatusCode.OK; attempt++)
        {
            // The check that was released ends in its own time.
            await Task.Delay(attempt, Token);
            time.Advance(TimeSpan.FromSeconds(6));
            using var answer = await app.Client.GetAsync("/health/ready", Token);
            status = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Live_DatabaseDown_IsAlive()
    {
        await using var app = await StartAsync(checks => checks.AddCheck("database", () => HealthCheckResult.Unhealthy()));
        using var response = await app.Client.GetAsync("/health/live", Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("healthy", await StatusAsync(response));
    }

    [Fact]
    public async Task Live_CheckOfItsOwnFails_Is503AndNamesThatOneAlone()
    {
        await using var app = await StartAsync(checks => checks
            .AddCheck("database", () => HealthCheckResult.Healthy())
            .AddCheck("deadlock", () => HealthCheckResult.Unhealthy(), tags: ["live"]));
        using var response = await app.Client.GetAsync("/health/live", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var checks = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("checks");
        Assert.Equal(["deadlock"], checks.EnumerateObject().Select(check => check.Name));
    }

    /// <summary>A process that is restarted because its database hangs comes back to a database that hangs.</summary>
    [Fact]
    public async Task Live_DatabaseHangs_RunsItsOwnCheckAlone()
    {
        var hangs = new TaskCompletionSource<HealthCheckResult>();
        var runs = 0;
        await using var app = await StartAsync(checks => checks
            .AddAsyncCheck("database", () =>
            {
                Interlocked.Increment(ref runs);
                return hangs.Task;
            })
            .AddCheck("deadlock", () => HealthCheckResult.Healthy(), tags: ["live"]));
        using var response = await app.Client.GetAsync("/health/live", Token);
        Assert.Equal((HttpStatusCode.OK, 0), (response.StatusCode, runs));
        Assert.Contains("headroom_health_status{headroom_health_check=\"deadlock\"} 1\n", await app.Client.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WithDrainDelay_IsNotReadyWhileItStillServes()
    {
        await using var app = await StartAsync(checks => checks.AddCheck("database", () => HealthCheckResult.Healthy()), options => options.DrainDelay = TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/health/ready", Token)).StatusCode);

        // As SIGTERM does; the host waits for it and stops.
        var stopped = app.StopAsync();
        using var fresh = new HttpClient { BaseAddress = app.Client.BaseAddress };
        using var ready = await fresh.GetAsync("/health/ready", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("draining", await StatusAsync(ready));
        Assert.Equal("done", await fresh.GetStringAsync("/", Token));
        Assert.Equal(HttpStatusCode.OK, (await fresh.GetAsync("/health/live", Token)).StatusCode);
        await stopped;
        await Assert.ThrowsAsync<HttpRequestException>(() => fresh.GetAsync("/", Token));
    }

    [Fact]
    public async Task Ready_ApplicationToldToStop_IsDraining()
    {
        await using var app = await StartAsync(checks => checks.AddCheck("database", () => HealthCheckResult.Healthy()));
        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var ready = await app.Client.GetAsync("/health/ready", Token);
        Assert.Equal("draining", await StatusAsync(ready));
    }

    [Fact]
    public async Task Probes_Many_AreNotCountedAndAreMarkedToBeSpared()
    {
        await using var app = await StartAsync(_ => { });
        await app.Client.GetStringAsync("/health/live", Token);
        await app.Client.GetStringAsync("/health/ready", Token);
        Assert.DoesNotContain("/health", await app.Client.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/health", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, endpoints.Length);
        Assert.All(endpoints, endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<INeverShed>()));
    }

    static async Task<string?> StatusAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("status").GetString();

    static Task<TelemetryApp> StartAsync(Action<IHealthChecksBuilder> checks, Action<TelemetryOptions>? configure = null, TimeProvider? time = null, LinesLog? log = null) =>
        TelemetryApp.StartAsync(
            map =>
            {
                map.MapPrometheus();
                map.MapHeadroomHealth();
                map.MapGet("/", () => "done");
            },
            configure,
            services: services =>
            {
                checks(services.AddHealthChecks());
                if (time is not null)
                    services.AddSingleton(time);
                if (log is not null)
                    services.AddSingleton<ILoggerProvider>(log);
            });

    /// <summary>Runs checks where it is called, one after the other: when the second has begun, the first has ended.</summary>
    sealed class ChecksInPlace(IOptions<HealthCheckServiceOptions> options, IServiceProvider services) : HealthCheckService
    {
        public override async Task<HealthReport> CheckHealthAsync(Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default)
        {
            var entries = new Dictionary<string, HealthReportEntry>(StringComparer.Ordinal);
            foreach (var check in options.Value.Registrations.Where(each => predicate?.Invoke(each) != false))
            {
                var result = await check.Factory(services).CheckHealthAsync(new HealthCheckContext { Registration = check }, cancellationToken);
                entries.Add(check.Name, new HealthReportEntry(result.Status, result.Description, TimeSpan.Zero, result.Exception, result.Data));
            }

            return new HealthReport(entries, TimeSpan.Zero);
        }
    }
}
