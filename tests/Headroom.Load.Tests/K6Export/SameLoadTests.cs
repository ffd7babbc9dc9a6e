using System.Globalization;
using System.Text.Json.Nodes;
using Headroom.Measurements;

namespace Headroom.Load.Tests.K6Export;

/// <summary>A script that does not send the same load is worth nothing: its requests, byte for byte, beside those of headroom for the same plan.</summary>
public sealed class SameLoadTests
{
    // What each client adds of its own.
    private static readonly string[] ClientHeaders = ["Host", "User-Agent", "Connection", "Content-Length"];

    [Fact]
    public async Task Script_OfAPlanWithoutChance_SendsWhatHeadroomSends()
    {
        var path = RepositoryRoot.Combine("tests", "Headroom.Load.Tests", "K6Export", "Plans", "same-load.yaml");
        await using var ours = new ShopServer();
        var plan = LoadPlanFile.Parse(LoadPlanFile.ReadText(path), path, Path.GetDirectoryName(path)!, null, name => EnvironmentOf(ours).GetValueOrDefault(name));
        var run = await RunAsync(plan);

        await using var theirs = new ShopServer();
        var result = await NodeScript.RunAsync(K6ScriptTests.Export("tests/Headroom.Load.Tests/K6Export/Plans/same-load.yaml"), EnvironmentOf(theirs));

        Assert.Equal(ours.Requests.Select(Told), theirs.Requests.Select(Told));
        Assert.True(ours.Requests.Count > 50, $"{ours.Requests.Count} requests");
        Assert.Equal(
            run.Checks.Select(check => $"{check.Request}: {check.Name}: {check.Passes} {check.Fails}").Order(StringComparer.Ordinal),
            result.GetProperty("checked").EnumerateArray().GroupBy(check => (Request: check.GetProperty("request").GetString(), Name: check.GetProperty("name").GetString()))
                .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key.Request}: {group.Key.Name}: {group.Count(check => check.GetProperty("passes").GetBoolean())} {group.Count(check => !check.GetProperty("passes").GetBoolean())}")).Order(StringComparer.Ordinal));
        var summary = result.GetProperty("summary").GetProperty("same-load.summary.json").GetString()!;
        Assert.DoesNotContain("secret", summary, StringComparison.Ordinal);
        Assert.Contains("\"requests\": [", summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_OfAPlanBuiltInCode_SendsWhatHeadroomSends()
    {
        await using var ours = new ShopServer();
        await RunAsync(InCode(ours));
        await using var theirs = new ShopServer();
        await NodeScript.RunAsync(K6Script.FromPlan(InCode(theirs), "code"), new Dictionary<string, string>());

        // Three VUs overlap with headroom; in the stand-in they come one after another.
        Assert.Equal(ours.Requests.Select(Told).Order(StringComparer.Ordinal), theirs.Requests.Select(Told).Order(StringComparer.Ordinal));
        Assert.Equal(12, ours.Requests.Count);
    }

    [Fact]
    public async Task Script_WhoseSetupFails_SendsNoLoad()
    {
        await using var server = new ShopServer();
        var plan = InCode(server) with { Setup = [new PlannedRequest { Name = "login", Url = server.At("/missing") }] };
        var error = await Assert.ThrowsAnyAsync<Exception>(() => NodeScript.RunAsync(K6Script.FromPlan(plan, "code"), new Dictionary<string, string>()));
        Assert.Contains("the plan's setup failed, so no load is sent: 'login' was answered 404", error.Message, StringComparison.Ordinal);
        Assert.Equal(["/missing"], server.Paths);
    }

    private static LoadPlan InCode(ShopServer server) => new()
    {
        Name = "code",
        Requests = [new PlannedRequest { Name = "$${it} `\\", Url = server.At("/a/${vu}?i=${iteration}&f=${rows.id}"), Headers = [("X-A", "1"), ("x-a", "2")] }],
        Feeders = [new Feeder { Name = "rows", Columns = ["id"], Rows = [["a/b"], ["ü"], ["c"]], Order = FeederOrder.UniquePerVu }],
        Scenarios = [new Scenario { Name = "each", Executor = ExecutorKind.PerVuIterations, Connections = 3, Iterations = 4, Duration = TimeSpan.FromMinutes(1) }],
    };

    private static Dictionary<string, string> EnvironmentOf(ShopServer server) => new() { ["TARGET"] = server.Url.ToString(), ["CLIENT"] = "a \"client\"" };

    // One worker, whose choice of requests is the sequence that scripts have.
    private static Task<RunFile> RunAsync(LoadPlan plan) => LoadRun.RunAsync(plan, new LoadOptions { Workers = 1 }, cancellation: TestContext.Current.CancellationToken);

    private static string Told(ShopServer.Asked asked)
    {
        var headers = asked.Head.Split("\r\n").Skip(1).Select(line => line.Split(": ", 2)).Where(header => !ClientHeaders.Contains(header[0], StringComparer.OrdinalIgnoreCase))
            .GroupBy(header => header[0].ToLowerInvariant()).Select(group => $"{group.Key}: {string.Join(", ", group.Select(header => header[1]))}").Order(StringComparer.Ordinal);
        return string.Join('\n', headers.Prepend(asked.Line).Append(Same(asked.Body)));
    }

    // A quote in a string of JSON may be written in two ways; what it says is compared.
    private static string Same(string body) => body.StartsWith('{') ? JsonNode.Parse(body)!.ToJsonString() : body;
}
