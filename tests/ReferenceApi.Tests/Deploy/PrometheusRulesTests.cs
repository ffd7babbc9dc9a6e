using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Deploy;

/// <summary>deploy/prometheus: promtool accepts the rules and their cases, each alert has a case in which it fires and one in which it does not, and a section of docs/alerts.md.</summary>
public sealed partial class PrometheusRulesTests
{
    private static readonly string Folder = RepositoryRoot.Combine("deploy", "prometheus");
    private static readonly string Rules = File.ReadAllText(Path.Combine(Folder, "headroom.rules.yml"));
    private static readonly string Cases = string.Concat(Directory.GetFiles(Folder, "*.test.yml").Select(File.ReadAllText));

    [Fact]
    public async Task Rules_AreAcceptedByPromtool()
    {
        var (exit, output) = await PromtoolAsync("check", "rules", "headroom.rules.yml");
        Assert.True(exit == 0, output);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("headroom.rules.test.yml")]
    [InlineData("headroom.slo.test.yml")]
    public async Task Cases_OfEveryAlert_Hold(string cases)
    {
        var (exit, output) = await PromtoolAsync("test", "rules", cases);
        Assert.True(exit == 0, output);
    }

    /// <summary>So that a case which passes means something: a threshold that is off by a little is found by one of them.</summary>
    [Theory]
    [InlineData("p95_rate5m > 0.2\n", "p95_rate5m > 0.17\n")]
    [InlineData("p99_rate5m > 0.3\n", "p99_rate5m > 0.24\n")]
    [InlineData("ratio_rate5m > 0.02\n", "ratio_rate5m > 0.018\n")]
    [InlineData("ratio_rate1m < 0.95\n", "ratio_rate1m < 0.97\n")]
    [InlineData("process_memory:utilization > 0.8\n", "process_memory:utilization > 0.78\n")]
    [InlineData("utilization_rate5m > 0.7\n", "utilization_rate5m > 0.6\n")]
    [InlineData("hit_ratio_rate5m < 0.7 ", "hit_ratio_rate5m < 0.72 ")]
    [InlineData("lookups_rate5m > 1\n", "lookups_rate5m > 0.1\n")]
    [InlineData("pool:utilization > 0.8\n", "pool:utilization >= 0.8\n")]
    [InlineData("saved_ratio_rate5m < 0.5 ", "saved_ratio_rate5m < 0.52 ")]
    [InlineData("(14.4 * 0.001)", "(13 * 0.001)")]
    [InlineData("for: 15m", "for: 1m")]
    public async Task Cases_OfRulesThatAreSlightlyWrong_DoNotHold(string right, string wrong)
    {
        Assert.Contains(right, Rules, StringComparison.Ordinal);
        var folder = Directory.CreateTempSubdirectory("headroom-rules-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "headroom.rules.yml"), Rules.Replace(right, wrong, StringComparison.Ordinal), TestContext.Current.CancellationToken);
            var cases = right.Contains("14.4", StringComparison.Ordinal) ? "headroom.slo.test.yml" : "headroom.rules.test.yml";
            File.Copy(Path.Combine(Folder, cases), Path.Combine(folder.FullName, cases));
            var (exit, output) = await RunAsync(folder.FullName, "test", "rules", cases);
            Assert.True(exit != 0, output);
            Assert.Contains("FAILED", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Alerts_EachHasACaseThatFiresAndOneThatDoesNot()
    {
        var cases = CaseOfAlert().Matches(Cases).Select(match => (Alert: match.Groups["alert"].Value, IsQuiet: match.Groups["quiet"].Success)).ToLookup(each => each.Alert, each => each.IsQuiet);
        Assert.Equal(17, Alerts.Count);
        Assert.All(Alerts, alert =>
        {
            Assert.Contains(false, cases[alert]);
            Assert.Contains(true, cases[alert]);
        });
    }

    [Fact]
    public void Alerts_EachSaysWhatItIsAndHasItsSectionInTheRunbook()
    {
        var runbook = File.ReadAllText(RepositoryRoot.Combine("docs", "alerts.md"));
        var blocks = Rules.Split("- alert: ")[1..];
        Assert.All(blocks, block =>
        {
            var name = block[..block.IndexOf('\n', StringComparison.Ordinal)];
            foreach (var key in new[] { "summary: '", "description: '", "severity: " })
                Assert.Contains(key, block, StringComparison.Ordinal);
            Assert.Contains($"docs/alerts.md#{name.ToLowerInvariant()}'", block, StringComparison.Ordinal);
            var section = runbook.Split($"\n## {name}\n");
            Assert.Equal(2, section.Length);
            var text = section[1].Split("\n## ")[0];
            Assert.Contains("**Look at**", text, StringComparison.Ordinal);
            Assert.Contains("**Do**", text, StringComparison.Ordinal);
        });
        Assert.Equal(Alerts, RunbookSection().Matches(runbook).Select(match => match.Groups["alert"].Value));
    }

    /// <summary>A rate needs two scrapes in its window. By Prometheus' default, 1 min, the shortest window would have one, and its alert would never fire.</summary>
    [Fact]
    public void Runbook_ScrapesTwiceInTheShortestWindow()
    {
        Assert.Contains("[1m]", Rules, StringComparison.Ordinal);
        var interval = ScrapeInterval().Match(File.ReadAllText(RepositoryRoot.Combine("docs", "alerts.md")));
        Assert.True(interval.Success, "The example has no scrape_interval.");
        Assert.InRange(int.Parse(interval.Groups["seconds"].Value, CultureInfo.InvariantCulture), 1, 30);
    }

    /// <summary>Between bounds a percentile is guessed: with none from 100 to 250 ms, a p95 of 120 ms could be told as one above 200, and fire.</summary>
    [Fact]
    public async Task Limits_OfLatencies_AreBoundsOfTheApisBuckets()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        using var client = new HttpClient { BaseAddress = api.Address };
        using var answer = await client.GetAsync("/api/users", TestContext.Current.CancellationToken);

        // What was measured of a request is counted after it was answered.
        var limits = LatencyLimit().Matches(Rules).Select(match => (Metric: match.Groups["metric"].Value, Limit: match.Groups["limit"].Value)).Distinct().ToList();
        Assert.Contains(("http_server_request_duration_seconds", "0.3"), limits);
        Assert.Contains(("db_client_operation_duration_seconds", "0.1"), limits);
        var missing = limits;
        for (var waited = Stopwatch.StartNew(); missing.Count > 0 && waited.Elapsed < TimeSpan.FromSeconds(30);)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            var lines = (await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
            missing = [.. limits.Where(each => !lines.Any(line => line.StartsWith($"{each.Metric}_bucket{{", StringComparison.Ordinal) && line.Contains($"le=\"{each.Limit}\"", StringComparison.Ordinal)))];
        }

        Assert.Empty(missing);
    }

    /// <summary>A bucket's bound is written as Prometheus 3 has it, <c>1.0</c>; a rule on <c>le="1"</c> would find nothing.</summary>
    [Fact]
    public void Rules_NameNoBucketByAWholeNumber() => Assert.DoesNotMatch("le=~?\"[0-9]+\"", Rules);

    private static IReadOnlyList<string> Alerts => [.. AlertName().Matches(Rules).Select(match => match.Groups["alert"].Value)];

    private static Task<(int Exit, string Output)> PromtoolAsync(params string[] arguments) => RunAsync(Folder, arguments);

    private static async Task<(int Exit, string Output)> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Require.Tool("promtool"), arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var promtool = Process.Start(start)!;
        var output = promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (promtool.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"job:(?<metric>\w+_seconds):p\d+_rate5m > (?<limit>[\d.]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LatencyLimit();

    [GeneratedRegex(@"- alert: (?<alert>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AlertName();

    [GeneratedRegex(@"alertname: (?<alert>\w+)\n +exp_alerts:(?<quiet> \[\])?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CaseOfAlert();

    [GeneratedRegex(@"^  scrape_interval: (?<seconds>[0-9]+)s ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex ScrapeInterval();

    [GeneratedRegex(@"^## (?<alert>Headroom\w+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex RunbookSection();
}
