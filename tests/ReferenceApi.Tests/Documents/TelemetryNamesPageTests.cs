using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Documents;

/// <summary>docs/telemetry-names.md sends people from other names to ones that the reference API really exposes, by expressions that Prometheus takes.</summary>
public sealed partial class TelemetryNamesPageTests
{
    private static readonly (string Here, string Expression)[] Rows =
    [
        .. Row().Matches(File.ReadAllText(RepositoryRoot.Combine("docs", "telemetry-names.md"))).Select(match => (match.Groups["here"].Value, match.Groups["promql"].Value)),
    ];

    [Fact]
    public async Task Names_OfThePage_AreExposedByTheTunedApi()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        foreach (var path in new[] { "/api/v2/chats", "/api/v2/events?limit=3", "/health/ready", "/nowhere" })
            (await api.GetAsync(path, ("Accept-Encoding", "br"))).Dispose();

        using var response = await api.GetAsync("/metrics");
        var exposed = (await response.Content.ReadAsStringAsync()).Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToHashSet(StringComparer.Ordinal);
        var named = Rows.SelectMany(row => Name().Matches(row.Here).Select(match => match.Groups["name"].Value)).Distinct(StringComparer.Ordinal).ToArray();

        Assert.True(named.Length > 25, $"only {named.Length} names were found on the page");
        Assert.All(named, name => Assert.Contains(name, exposed));
    }

    [Fact]
    public void Expressions_OfThePage_AreAboutTheNamesBesideThem() => Assert.All(Rows, row =>
    {
        var known = Name().Matches(row.Here).Select(match => match.Groups["name"].Value).ToArray();
        Assert.Contains(known, name => row.Expression.Contains(name, StringComparison.Ordinal));
    });

    [Fact]
    public async Task Expressions_OfThePage_AreAcceptedByPrometheus()
    {
        var promtool = Require.Tool("promtool");
        var rules = new StringBuilder("groups:\n- name: page\n  rules:\n");
        for (var i = 0; i < Rows.Length; i++)
            rules.Append(System.Globalization.CultureInfo.InvariantCulture, $"  - record: page:row_{i}\n    expr: '{Rows[i].Expression}'\n");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, rules.ToString(), TestContext.Current.CancellationToken);
            using var check = Process.Start(new ProcessStartInfo(promtool, ["check", "rules", file]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await check.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await check.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await check.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(check.ExitCode == 0, output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"^\| `.*\| (?<here>(`[a-z_]+`(, )?)+) \| `(?<promql>[^`]+)` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[a-z_]+)`", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
