using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Deploy;

/// <summary>
/// deploy/grafana and deploy/prometheus against the reference API itself: a real Prometheus scrapes it under a real load, evaluates the rules, and answers every query of the dashboard.
/// A metric or a label that is misspelt, or that nothing exposes any more, is a panel without data, and that is a failure.
/// </summary>
public sealed class DashboardQueryTests
{
    private static readonly JsonElement Dashboard = JsonElement.Parse(File.ReadAllText(RepositoryRoot.Combine("deploy", "grafana", "headroom.json")));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queries_OfEveryPanel_HaveDataOfTheReferenceApi()
    {
        var prometheus = Require.Tool("prometheus");
        await using var api = await ApiServer.StartAsync(
            "--tuned", "--Headroom:RateLimits:Policies:everyone:Limit=20", "--Headroom:RateLimits:Policies:everyone:By=Route", "--Headroom:RateLimits:Policies:everyone:Window=00:00:01", "--Headroom:RateLimits:Global:0=everyone");
        var folder = Directory.CreateTempSubdirectory("headroom-dashboard-");
        using var load = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = SendAsync(api, load.Token);
        using var server = Start(prometheus, folder.FullName, api.Address.Authority, out var address);
        try
        {
            using var client = new HttpClient { BaseAddress = address };
            var open = Queries().ToDictionary(query => query.Name, query => query.Expression);
            Assert.True(open.Count > 25, $"only {open.Count} queries");
            foreach (var rule in RecordingRules())
                open.Add($"rule {rule}", rule);

            // Rates need two scrapes and the rules an evaluation; whatever has no data after that has none.
            var waited = Stopwatch.StartNew();
            while (open.Count > 0 && waited.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(500, Token);
                foreach (var (name, expression) in open.ToArray())
                {
                    if (await HasDataAsync(client, expression))
                        open.Remove(name);
                }
            }

            Assert.True(open.Count == 0, "no data for:\n" + string.Join('\n', open.Select(query => $"{query.Key}: {query.Value}")));
        }
        finally
        {
            await load.CancelAsync();
            await sending;
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<JsonElement> Panels() => Dashboard.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row");

    /// <summary>With what Grafana puts in place of its variables.</summary>
    private static IEnumerable<(string Name, string Expression)> Queries() => Panels().SelectMany(panel => panel.GetProperty("targets").EnumerateArray().Select(target => (
        $"{panel.GetProperty("title").GetString()} {target.GetProperty("refId").GetString()}",
        target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "5s", StringComparison.Ordinal).Replace("$job", ".+", StringComparison.Ordinal).Replace("$instance", ".+", StringComparison.Ordinal))));

    private static IEnumerable<string> RecordingRules() => File.ReadLines(RepositoryRoot.Combine("deploy", "prometheus", "headroom.rules.yml"))
        .Select(line => line.Trim())
        .Where(line => line.StartsWith("- record: ", StringComparison.Ordinal))
        .Select(line => line["- record: ".Length..]);

    /// <summary>A little of everything that the panels are about.</summary>
    private static async Task SendAsync(ApiServer api, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            foreach (var path in new[] { "/api/v2/chats?limit=" + ((i % 50) + 1), "/api/iris/overview", "/api/v2/health", "/api/users?limit=100", "/api/items", "/api/v2/chats/1/messages", "/nowhere" })
            {
                using var response = await api.GetAsync(path, ("Accept-Encoding", i % 2 == 0 ? "br" : "gzip"), ("x-api-key", "ref_MeC52JfFT8v3nlFy_I5n0w1m4sVcF1fi2ZkYevv7gqDv0jwNY20JFFL"));
                using var another = await api.GetAsync(path, ("Accept-Encoding", "br"));
            }
        }
    }

    private static async Task<bool> HasDataAsync(HttpClient client, string expression)
    {
        try
        {
            using var response = await client.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}", Token);
            var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{expression}: {answer}");
            return answer.GetProperty("data").GetProperty("result").EnumerateArray().Any(series => series.GetProperty("value")[1].GetString() is not ("NaN" or "+Inf"));
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    private static Process Start(string prometheus, string folder, string target, out Uri address)
    {
        var port = FreePort.Next();
        address = new Uri($"http://127.0.0.1:{port}");
        var rules = File.ReadAllText(RepositoryRoot.Combine("deploy", "prometheus", "headroom.rules.yml")).Replace("interval: 30s", "interval: 1s", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "headroom.rules.yml"), rules);
        File.WriteAllText(
            Path.Combine(folder, "prometheus.yml"),
            $"""
            global: {"{"} scrape_interval: 1s, evaluation_interval: 1s {"}"}
            rule_files: [ headroom.rules.yml ]
            scrape_configs:
              - job_name: api
                static_configs: [ {"{"} targets: [ '{target}' ] {"}"} ]
            """);
        var start = new ProcessStartInfo(
            prometheus, [$"--config.file={Path.Combine(folder, "prometheus.yml")}", $"--storage.tsdb.path={Path.Combine(folder, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]);
        return Process.Start(start)!;
    }
}
