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
            Checked(result).Order(StringComparer.Ordinal));
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

    /// <summary>Where a script would go another way in silence: bytes that are no text, names that selectors cannot tell apart, sets and dots of regular expressions, a name that JavaScript's objects have already.</summary>
    [Fact]
    public async Task Script_OfWhatMeansSomethingElseInJavaScript_ChecksWhatHeadroomChecks()
    {
        const string Plan = """
            target: ${env.TARGET}
            vars: { __proto__: mine }
            requests:
              - { name: "a,b", url: "/${__proto__}", checks: [ { size: "==4B" }, { name: "x;y", status: 200 }, { name: "x,y", status: 201 } ] }
              - { name: "a;b", url: /b, checks: [ { size: "<4B" }, { bodyMatches: "^[]a]" }, { bodyMatches: "^[^]a]" }, { bodyMatches: "a.c" }, { bodyMatches: "(?s)a.." } ] }
            scenarios: { once: { executor: shared-iterations, vus: 1, iterations: 8 } }
            """;
        static string Answer(ShopServer.Asked asked) => asked.Path == "/b" ? ScriptedServer.Ok("a\rc") : ScriptedServer.Ok("\u00ff\u00fe\u0080z");
        static string InPlan(string check) => check.StartsWith("a;b (2)", StringComparison.Ordinal) ? check.Replace(" (2)", "", StringComparison.Ordinal) : check.Replace("a;b", "a,b", StringComparison.Ordinal).Replace("x;y (2)", "x,y", StringComparison.Ordinal);
        await using var ours = new ShopServer(Answer);
        var run = await RunAsync(LoadPlanFile.Parse(Plan, "p", ".", null, _ => ours.Url.ToString()));
        await using var theirs = new ShopServer(Answer);
        var script = K6Script.FromFile(Plan, "p", ".", "p", null, _ => null);
        var result = await NodeScript.RunAsync(script, new Dictionary<string, string> { ["TARGET"] = theirs.Url.ToString() });

        Assert.Equal(ours.Requests.Select(Told), theirs.Requests.Select(Told));
        Assert.Equal(["/b", "/mine"], theirs.Paths.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            run.Checks.Select(check => $"{check.Request}: {check.Name}: {check.Passes} {check.Fails}").Order(StringComparer.Ordinal),
            Checked(result).Select(InPlan).Order(StringComparer.Ordinal));
        Assert.Equal(["'a;b'", "'x,y'", "request 'a;b'"], script.Notes.Select(note => note.Place).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Script_WithSetupAndTeardown_CountsTheirTime()
    {
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(20));
        var plan = InCode(server) with { Setup = [new PlannedRequest { Name = "in", Url = server.At("/login") }], Teardown = [new PlannedRequest { Name = "out", Url = server.At("/logout") }] };
        var script = K6Script.FromPlan(plan, "code");
        var result = await NodeScript.RunAsync(script, new Dictionary<string, string>());
        Assert.InRange(result.GetProperty("counted").GetProperty("setup_and_teardown_time").GetDouble(), 38, 60_000);
        Assert.DoesNotContain("setup_and_teardown_time", K6Script.FromPlan(InCode(server), "code").Text, StringComparison.Ordinal);
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

    private static IEnumerable<string> Checked(System.Text.Json.JsonElement result) =>
        result.GetProperty("checked").EnumerateArray().GroupBy(check => (Request: check.GetProperty("request").GetString(), Name: check.GetProperty("name").GetString()))
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key.Request}: {group.Key.Name}: {group.Count(check => check.GetProperty("passes").GetBoolean())} {group.Count(check => !check.GetProperty("passes").GetBoolean())}"));

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
