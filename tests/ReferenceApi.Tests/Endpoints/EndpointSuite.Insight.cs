using System.Diagnostics;
using System.Text.Json;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    [Fact]
    public async Task GetOverview_Always_AddsUp()
    {
        var overview = await Api.GetJsonAsync("/api/iris/overview");

        var tokens = overview.GetProperty("tokens");
        var models = tokens.GetProperty("byModel").EnumerateArray().ToList();
        Assert.Equal(4, models.Count);
        Assert.Equal(tokens.GetProperty("input").GetInt64(), models.Sum(model => model.GetProperty("input").GetInt64()));
        Assert.Equal(tokens.GetProperty("total").GetInt64(), tokens.GetProperty("input").GetInt64() + tokens.GetProperty("output").GetInt64());

        var runs = overview.GetProperty("runs");
        Assert.Equal(10_000, runs.GetProperty("total").GetInt64());
        Assert.Equal(10_000, new[] { "succeeded", "failed", "cancelled" }.Sum(status => runs.GetProperty(status).GetInt64()));
        Assert.Equal(30, runs.GetProperty("perDay").GetArrayLength());
        Assert.Equal(10_000, runs.GetProperty("perDay").EnumerateArray().Sum(day => day.GetProperty("runs").GetInt64()));
        Assert.Equal(runs.GetProperty("failed").GetInt64(), runs.GetProperty("perDay").EnumerateArray().Sum(day => day.GetProperty("failed").GetInt64()));
        var durations = runs.GetProperty("durationMs");
        Assert.InRange(durations.GetProperty("p50").GetInt64(), 1_000, durations.GetProperty("p95").GetInt64());
        Assert.InRange(durations.GetProperty("max").GetInt64(), durations.GetProperty("p95").GetInt64(), 60_000);

        var experts = overview.GetProperty("experts").EnumerateArray().ToList();
        Assert.Equal(24, experts.Count);
        Assert.Equal(10_000, experts.Sum(expert => expert.GetProperty("runs").GetInt64()));
        Assert.Equal(tokens.GetProperty("total").GetInt64(), experts.Sum(expert => expert.GetProperty("tokens").GetInt64()));

        // Skewed: the busiest expert has many times the runs of the least busy.
        Assert.True(experts[0].GetProperty("runs").GetInt64() > 10 * experts[^1].GetProperty("runs").GetInt64());

        var reports = overview.GetProperty("reports");
        Assert.Equal(500, reports.GetProperty("total").GetInt64());
        Assert.Equal(500, reports.GetProperty("byKind").EnumerateObject().Sum(kind => kind.Value.GetInt64()));
        Assert.Equal(10, reports.GetProperty("latest").GetArrayLength());
    }

    [Fact]
    public async Task GetMetricsSummary_AfterRequests_CountsRequestsAndQueries()
    {
        var before = await Api.GetJsonAsync("/api/metrics");
        for (var page = 0; page < 5; page++)
            await Api.GetJsonAsync($"/api/v2/events?limit={90 + page}");

        var after = await Api.GetJsonAsync("/api/metrics");

        Assert.True(Number(after, "requests", "total") >= Number(before, "requests", "total") + 5);
        Assert.True(Number(after, "database", "totalQueries") >= Number(before, "database", "totalQueries") + 5);
        Assert.True(Number(after, "requests", "p95Latency") > 0);
        Assert.True(Number(after, "database", "p95Latency") > 0);

        static double Number(JsonElement summary, string group, string name) => summary.GetProperty(group).GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task GetPrometheusMetrics_AfterRequests_IsAcceptedByPromtool()
    {
        await Api.GetJsonAsync("/api/v2/settings");
        using var response = await Api.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Contains("http_server_request_duration_seconds_count{", text, StringComparison.Ordinal);
        Assert.Contains("db_operation_name=\"list-settings\"", text, StringComparison.Ordinal);
        Assert.Contains("http_route=\"/api/v2/settings\"", text, StringComparison.Ordinal);

        using var promtool = Process.Start(new ProcessStartInfo(Require.Tool("promtool"), ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var complaints = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode is 0 or 3, complaints);
    }

    private static JsonElement Single(JsonElement page) => Assert.Single(page.GetProperty("items").EnumerateArray());

    /// <summary>The body of an answer that must be an RFC 9457 problem with this status.</summary>
    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, System.Net.HttpStatusCode expected)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} in place of {(int)expected}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(body);
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.StartsWith("https://", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        return problem;
    }
}
