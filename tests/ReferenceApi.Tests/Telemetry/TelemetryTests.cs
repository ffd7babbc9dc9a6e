using System.Diagnostics;
using System.Net;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Telemetry;

/// <summary>What the tuned API tells of itself, beside what its endpoints answer.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task ServerTiming_AnsweredFromTheCache_IsThatOfThisRequest()
    {
        await using var api = await ApiServer.StartAsync("--tuned", "--Headroom:Telemetry:ServerTiming=true");
        using var made = await api.GetAsync("/api/v2/chats?limit=7");
        using var kept = await api.GetAsync("/api/v2/chats?limit=7");

        Assert.Contains("db;dur=", Assert.Single(made.Headers.GetValues("Server-Timing")), StringComparison.Ordinal);
        Assert.Contains("hit", kept.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);
        var timing = Assert.Single(kept.Headers.GetValues("Server-Timing"));
        Assert.StartsWith("total;dur=", timing, StringComparison.Ordinal);
        Assert.DoesNotContain("db", timing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerTiming_NotAskedFor_IsNotTold()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        using var response = await api.GetAsync("/api/v2/chats");
        Assert.False(response.Headers.Contains("Server-Timing"));
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--plain")]
    public async Task Health_DatabaseAnswers_IsLiveAndReady(string mode)
    {
        await using var api = await ApiServer.StartAsync(mode);
        Assert.Equal("healthy", (await api.GetJsonAsync("/health/live")).GetProperty("status").GetString());
        Assert.Equal("healthy", (await api.GetJsonAsync("/health/ready")).GetProperty("checks").GetProperty("database").GetProperty("status").GetString());
        using var response = await api.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Metrics_OfThePools_AddUpToWhatIsOpen()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        await api.GetJsonAsync("/api/v2/events?limit=2");
        // A connection goes back when the endpoint has ended, which may be after its answer has arrived.
        var deadline = Stopwatch.StartNew();
        string[] lines;
        do
        {
            using var response = await api.GetAsync("/metrics");
            // Other tests of this process may use PostgreSQL, whose library has instruments of the same names: then each line says whose it is.
            lines =
            [
                .. (await response.Content.ReadAsStringAsync()).Split('\n')
                    .Where(line => line.StartsWith("db_client_connection_", StringComparison.Ordinal))
                    .Select(line => line.Replace("otel_scope_name=\"Headroom.Data\",", "", StringComparison.Ordinal)),
            ];
        }
        while (!AllAreBack(lines) && deadline.Elapsed < TimeSpan.FromSeconds(30));

        Assert.True(AllAreBack(lines), string.Join('\n', lines));
        Assert.Contains($"db_client_connection_max{{db_client_connection_pool_name=\"sqlite-readers\"}} {Math.Max(2, Environment.ProcessorCount)}", lines);
        Assert.Contains("db_client_connection_pending_requests{db_client_connection_pool_name=\"sqlite-writers\"} 0", lines);

        static bool AllAreBack(string[] lines) =>
            lines.Contains("db_client_connection_count_current{db_client_connection_pool_name=\"sqlite-readers\",db_client_connection_state=\"used\"} 0")
            && lines.Any(line => line.StartsWith("db_client_connection_count_current{db_client_connection_pool_name=\"sqlite-readers\",db_client_connection_state=\"idle\"} ", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_HostilePaths_DoNotGrow()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        (await api.GetAsync("/warm-up")).Dispose();
        var before = await LinesAsync();
        for (var i = 0; i < 300; i++)
        {
            (await api.GetAsync($"/made/up/{i}")).Dispose();
            (await api.GetAsync($"/api/v2/chats/{i}x/messages")).Dispose();
            (await api.GetAsync($"/api/v2/chats?limit={i}x&c{i}=1")).Dispose();
            (await api.SendAsync(new HttpRequestMessage(new HttpMethod($"M{i}"), "/api/v2/chats"))).Dispose();
        }

        // One series of each kind of answer, whatever was asked for: three histograms' worth of lines and the few that a first answer brings.
        Assert.InRange(await LinesAsync() - before, 0, 150);

        async Task<int> LinesAsync()
        {
            using var response = await api.GetAsync("/metrics");
            return (await response.Content.ReadAsStringAsync()).Count(c => c == '\n');
        }
    }
}
