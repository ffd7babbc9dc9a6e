using Headroom.Load;

namespace Headroom.Import.Tests;

/// <summary>What browsers, nginx and ASP.NET Core really write (Fixtures/README.md says how it was recorded) becomes plans that can be run.</summary>
public sealed class ImportedRecordingsTests
{
    [Theory]
    [InlineData("nginx-common.log")]
    [InlineData("nginx-combined.log")]
    [InlineData("nginx-json.log")]
    public void AccessLog_OfNginx_HasTheTrafficOfTheReferenceApi(string name)
    {
        var imported = PlanImport.AccessLog(File.ReadLines(Fixture(name)), Imported.Options(name));
        var plan = Imported.Read(imported);

        // Of 148 lines: 28 chats, 54 messages, 18 health checks and those 5 of /data that were answered 200; POSTs stand in comments.
        Assert.Equal(
            ["54 GET /api/v2/chats/{id}/messages?limit", "28 GET /api/v2/chats?limit", "18 GET /api/v2/health", "4 GET /api/v1/data/heart_rate", "1 GET /api/v1/data/steps"],
            plan.Requests.Select(request => $"{request.Weight} {request.Name}"));
        Assert.Contains("18 times POST /api/v2/messages/send", imported.Notes.Select(note => note.Text).Single(text => text.Contains("POST", StringComparison.Ordinal)), StringComparison.Ordinal);
        var scenario = Assert.Single(plan.Scenarios);
        Assert.Equal((ExecutorKind.Replay, 105), (scenario.Executor, scenario.Arrivals.Count));
        Assert.InRange(scenario.Duration.TotalSeconds, 6, 10);
        var feeder = plan.Feeders.Single(feeder => feeder.Columns.Contains("chat_id"));
        Assert.All(feeder.Rows, row => Assert.InRange(int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture), 1, 40));
        Assert.Equal(54, feeder.Rows.Count);
    }

    [Fact]
    public void AccessLogs_OfNginx_SayTheSameInEveryForm()
    {
        var plans = new[] { "nginx-common.log", "nginx-combined.log", "nginx-json.log" }.Select(name => PlanImport.AccessLog(File.ReadLines(Fixture(name)), Imported.Options("log"))).ToList();
        Assert.Equal(plans[0].Yaml, plans[1].Yaml);
        Assert.Equal(plans[0].Yaml, plans[2].Yaml);
        Assert.Equal(plans[0].Files, plans[2].Files);
    }

    [Fact]
    public void Har_OfChromium_IsTheVisitWithoutTheBrowsersOwnRequests()
    {
        var imported = PlanImport.Har(File.ReadAllText(Fixture("browser.har")), Imported.Options("browser.har"));
        var plan = Imported.Read(imported);

        var visit = Assert.Single(plan.Flows);
        Assert.Equal(
            ["/headroom", "/api/v2/info", "/api/v2/settings", "/api/v2/chats", "/api/v2/chats/1/messages", "/api/v2/messages/send", "/api/users", "/api/users", "/api/items", "/api/v2/health"],
            visit.AllRequests().Select(request => request.Url.AbsolutePath));
        Assert.Contains("recorded by chromium", imported.Yaml, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(visit.Steps, step => step is ThinkStep { Time.Min.TotalMilliseconds: >= 600 });
        var sent = visit.AllRequests().Single(request => request.Method == "POST");
        Imported.AssertBody("""{"chatId":1,"sender":"recorder","kind":"text","text":"Hello from a browser"}""", sent);
        Assert.Contains("?limit=3&cursor=${next}", imported.Yaml, StringComparison.Ordinal);
        Assert.Contains("1 request for an event stream", Imported.LeftOut(imported), StringComparison.Ordinal);
        Assert.DoesNotContain("page: \n", imported.Yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("sec-", imported.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_OfAspNetCore_HasEveryOperationThatIsSafeToSend()
    {
        var imported = PlanImport.OpenApi(File.ReadAllText(Fixture("openapi.json")), Imported.Options("openapi.json"));
        var plan = Imported.Read(imported);
        Assert.All(plan.Requests, request => Assert.Equal("GET", request.Method));
        Assert.Contains(plan.Requests, request => request.Url.OriginalString.EndsWith("/api/v2/health", StringComparison.Ordinal));
        Assert.Contains("/api/v2/messages/send", imported.Yaml, StringComparison.Ordinal);
        var all = Imported.Read(PlanImport.OpenApi(File.ReadAllText(Fixture("openapi.json")), Imported.Options("openapi.json") with { Writes = true }));
        Assert.True(all.Requests.Count > plan.Requests.Count, $"{all.Requests.Count} with writes, {plan.Requests.Count} without");
    }

    [Fact]
    public async Task AccessLogPlan_Run_SendsTheLoggedRequestsWithoutErrors()
    {
        // A server that knows the paths of the log, and 404 for any other.
        await using var server = new ShopServer(asked => asked.Path.StartsWith("/api/v", StringComparison.Ordinal) ? null : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        var imported = PlanImport.AccessLog(File.ReadLines(Fixture("nginx-json.log")), Imported.Options("nginx-json.log") with { Target = server.Url });
        var plan = Imported.Read(imported) with { Scenarios = [new Scenario { Name = "once", Executor = ExecutorKind.SharedIterations, Connections = 2, Iterations = 200, Duration = TimeSpan.FromMinutes(1) }] };
        var run = await LoadRun.RunAsync(plan, new LoadOptions { Workers = 1 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((200, 0), (run.Summary.Requests, run.Summary.Errors));
        Assert.Equal(plan.Requests.Select(request => request.Name).Order(StringComparer.Ordinal), run.RequestsByName.Keys.Order(StringComparer.Ordinal));
        Assert.All(server.Paths, path => Assert.DoesNotContain("${", path, StringComparison.Ordinal));
    }

    private static string Fixture(string name) => RepositoryRoot.Combine("tests", "Headroom.Import.Tests", "Fixtures", name);
}
