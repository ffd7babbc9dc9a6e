using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

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

    static Task<TelemetryApp> StartAsync(Action<IHealthChecksBuilder> checks, Action<TelemetryOptions>? configure = null, TimeProvider? time = null) =>
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
            });
}
