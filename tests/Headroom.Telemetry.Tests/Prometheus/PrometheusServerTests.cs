using Microsoft.AspNetCore.Builder;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.Tests.Prometheus;

/// <summary>A real Prometheus scrapes a real Kestrel; what it stores must be what was recorded.</summary>
public sealed class PrometheusServerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scrape_HostileTags_AreStoredAsTheyWereRecorded()
    {
        var prometheus = Require.Tool("prometheus");
        await using var app = await TelemetryApp.StartAsync(map => map.MapPrometheus(), options => options.Meters.Add("Hostile"));
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("Hostile");
        var counter = meter.CreateCounter<double>("hostile", "By");
        var histogram = meter.CreateHistogram<double>("slow", "s");
        var number = 0;
        foreach (var (given, _) in HostileTags.Values)
            counter.Add(++number + 0.5, new KeyValuePair<string, object?>("value", given));
        histogram.Record(0.3);
        meter.CreateGauge<double>("nothing").Record(double.NaN);
        meter.CreateGauge<double>("everything").Record(double.PositiveInfinity);

        var folder = Directory.CreateTempSubdirectory("headroom-prometheus-");
        using var server = Start(prometheus, folder.FullName, app.Address, out var address);
        try
        {
            using var client = new HttpClient { BaseAddress = address };
            var stored = await QueryAsync(client, "hostile_bytes_total");

            number = 0;
            var expected = HostileTags.Values.ToDictionary(pair => pair.Read, _ => (++number + 0.5).ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);
            Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), stored.OrderBy(pair => pair.Key, StringComparer.Ordinal));
            Assert.Equal("0.3", (await QueryAsync(client, "slow_seconds_sum"))[""]);
            Assert.Equal("0.375", (await QueryAsync(client, "histogram_quantile(0.5, slow_seconds_bucket)"))[""]);
            Assert.Equal("NaN", (await QueryAsync(client, "nothing"))[""]);
            Assert.Equal("+Inf", (await QueryAsync(client, "everything"))[""]);
            Assert.Equal("1", (await QueryAsync(client, "up"))[""]);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Scrape_TracedRequest_ItsExemplarLeadsToTheTrace()
    {
        var prometheus = Require.Tool("prometheus");
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == "Microsoft.AspNetCore", Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        await using var app = await TelemetryApp.StartAsync(map =>
        {
            map.MapPrometheus();
            map.MapGet("/slow", async () => await Task.Delay(120));
        });
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/slow");
        request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        (await app.Client.SendAsync(request, Token)).Dispose();

        var folder = Directory.CreateTempSubdirectory("headroom-prometheus-");
        using var server = Start(prometheus, folder.FullName, app.Address, out var address);
        try
        {
            using var client = new HttpClient { BaseAddress = address };
            Assert.Equal("1", (await QueryAsync(client, "http_server_request_duration_seconds_count"))[""]);
            Assert.Equal("0", (await QueryAsync(client, "http_server_request_duration_seconds_bucket{le=\"0.1\"}"))[""]);
            Assert.Equal("1", (await QueryAsync(client, "http_server_request_duration_seconds_bucket{le=\"1.0\"}"))[""]);

            var found = await ExemplarAsync(client, "http_server_request_duration_seconds_bucket");
            Assert.Equal(trace, found.GetProperty("labels").GetProperty("trace_id").GetString());
            Assert.InRange(double.Parse(found.GetProperty("value").GetString()!, CultureInfo.InvariantCulture), 0.1, 30);

            // The unit and type come from OpenMetrics; a scrape that had not ended in # EOF would have been refused.
            var metadata = await client.GetStringAsync("/api/v1/metadata?metric=http_server_request_duration_seconds", Token);
            Assert.Contains("\"type\":\"histogram\"", metadata, StringComparison.Ordinal);
            Assert.Contains("\"unit\":\"seconds\"", metadata, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    static async Task<JsonElement> ExemplarAsync(HttpClient client, string query)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var now = DateTimeOffset.UtcNow;
            var text = await client.GetStringAsync(
                FormattableString.Invariant($"/api/v1/query_exemplars?query={query}&start={now.ToUnixTimeSeconds() - 600}&end={now.ToUnixTimeSeconds() + 60}"), deadline.Token);
            var series = JsonElement.Parse(text).GetProperty("data");
            if (series.GetArrayLength() > 0)
                return series[0].GetProperty("exemplars")[0];
            await Task.Delay(100, deadline.Token);
        }
    }

    static Process Start(string prometheus, string folder, string target, out Uri address)
    {
        var port = FreePort();
        address = new Uri($"http://127.0.0.1:{port}");
        var configuration = Path.Combine(folder, "prometheus.yml");
        File.WriteAllText(
            configuration,
            $"""
            global:
              scrape_interval: 200ms
              scrape_timeout: 200ms
            scrape_configs:
              - job_name: test
                static_configs:
                  - targets: ['{target}']
            """);
        var start = new ProcessStartInfo(prometheus)
        {
            ArgumentList =
            {
                $"--config.file={configuration}",
                $"--storage.tsdb.path={Path.Combine(folder, "data")}",
                $"--web.listen-address=127.0.0.1:{port}",
                "--enable-feature=exemplar-storage",
                "--log.level=error",
            },
        };
        return Process.Start(start)!;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Values by the label "value", as soon as there are any.</summary>
    static async Task<Dictionary<string, string>> QueryAsync(HttpClient client, string query)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                using var json = JsonDocument.Parse(await client.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", deadline.Token));
                var result = json.RootElement.GetProperty("data").GetProperty("result");
                if (result.GetArrayLength() > 0)
                {
                    return result.EnumerateArray().ToDictionary(
                        sample => sample.GetProperty("metric").TryGetProperty("value", out var label) ? label.GetString()! : "",
                        sample => sample.GetProperty("value")[1].GetString()!,
                        StringComparer.Ordinal);
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100, deadline.Token);
        }
    }
}
