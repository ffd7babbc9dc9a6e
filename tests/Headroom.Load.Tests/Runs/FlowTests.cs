using System.Text;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Runs;

/// <summary>What VUs do within an iteration, by what the server was asked.</summary>
public sealed class FlowTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Flow_ExtractedValues_AreInLaterRequestsEncodedForTheirPlace()
    {
        await using var server = new ShopServer();
        var login = Get(server, "login", "/login") with
        {
            Extractions =
            [
                new Extraction { Variable = "token", Part = ResponsePart.Json, Selector = "$.token" },
                new Extraction { Variable = "user", Part = ResponsePart.Json, Selector = "$.user.name" },
                new Extraction { Variable = "id", Part = ResponsePart.Json, Selector = "$.user.id" },
                new Extraction { Variable = "page", Part = ResponsePart.Header, Selector = "x-next", Regex = @"n=(\d+)" },
            ],
        };
        var order = Get(server, "order", "/users/${id}/orders?q=${user}&page=${page}") with
        {
            Method = "POST",
            Headers = [("Authorization", "Bearer ${token}"), ("Content-Type", "application/json")],
            Body = Encoding.UTF8.GetBytes("""{"by":"${user}","vu":${vu},"price":"$${x}"}"""),
            BodyVariables = BodyVariables.Json,
        };
        var run = await RunAsync(Plan(Flow(login, order)));
        Assert.Equal(2, run.Summary.Requests);
        var asked = server.Requests[1];
        Assert.Equal("POST /users/7/orders?q=A%20%22b%22%20%26%20c%2Fd&page=3 HTTP/1.1", asked.Line);
        Assert.Equal("Bearer t-1", asked.Header("Authorization"));
        Assert.Equal("""{"by":"A \"b\" & c/d","vu":1,"price":"${x}"}""", asked.Body);
        Assert.Equal(["login", "order"], run.RequestsByName.Keys.Order());
    }

    [Theory]
    [InlineData("raw", "/b/x%20HTTP/1.1%0D%0AX-Mine:%201?a=1&c=2")]
    [InlineData("json", "/b/x%20HTTP/1.1\\r\\nX-Mine:%201?a=1&c=2")]
    public async Task Extraction_PutIntoAUrlUnencoded_StaysInTheRequestLine(string filter, string expected)
    {
        await using var server = new ShopServer(asked => asked.Path == "/a" ? ShopServer.Json("""{"x":"x HTTP/1.1\r\nX-Mine: 1?a=1&c=2"}""") : null);
        var first = Get(server, "first", "/a") with { Extractions = [new Extraction { Variable = "x", Part = ResponsePart.Json, Selector = "$.x" }] };
        await RunAsync(Plan(Flow(first, Get(server, "second", "/b/${x | " + filter + "}"))));
        Assert.Equal($"GET {expected} HTTP/1.1", server.Requests[1].Line);
        Assert.Null(server.Requests[1].Header("X-Mine"));
    }

    [Fact]
    public async Task Extraction_NothingFound_CutsTheIterationShortAndIsCounted()
    {
        await using var server = new ShopServer();
        var first = Get(server, "first", "/a") with { Extractions = [new Extraction { Variable = "x", Part = ResponsePart.Json, Selector = "$.nothing" }] };
        var run = await RunAsync(Plan(Flow(first, Get(server, "second", "/b/${x}"), Get(server, "third", "/c"))) with { Scenarios = [Iterations(1, 3)] });
        Assert.Equal(["/a", "/a", "/a"], server.Paths);
        Assert.Equal((3, 3, 6), (run.Iterations!.Count, run.Iterations.CutShort, run.Iterations.RequestsSkipped));
        Assert.Equal(new FailedExtraction { Request = "first", Variable = "x", Count = 3 }, Assert.Single(run.FailedExtractions));
        Assert.Contains(run.Warnings, finding => finding.Code == "extraction-failed");
        Assert.Equal(0, run.Summary.Errors);
    }

    [Fact]
    public async Task Extraction_NothingFoundButADefault_GoesOn()
    {
        await using var server = new ShopServer();
        var first = Get(server, "first", "/a") with { Extractions = [new Extraction { Variable = "x", Part = ResponsePart.Header, Selector = "X-None", Default = "d" }] };
        await RunAsync(Plan(Flow(first, Get(server, "second", "/b/${x}"))));
        Assert.Equal(["/a", "/b/d"], server.Paths);
    }

    [Fact]
    public async Task Extraction_FromAnEarlierIteration_IsForgotten()
    {
        await using var server = new ShopServer(asked => asked.Connection > 0 && asked.Path == "/a" && Interlocked.Increment(ref Count) > 1 ? ShopServer.Json("{}") : null);
        var first = Get(server, "first", "/a") with { Extractions = [new Extraction { Variable = "x", Part = ResponsePart.Json, Selector = "$.ok" }] };
        var run = await RunAsync(Plan(Flow(first, Get(server, "second", "/b/${x}"))) with { Scenarios = [Iterations(1, 2)] });
        Assert.Equal(["/a", "/b/true", "/a"], server.Paths);
        Assert.Equal(1, run.Iterations!.CutShort);
    }

    private static int Count;

    [Theory]
    [InlineData(ResponsePart.Status, "", CheckOperator.Equals, "200", true)]
    [InlineData(ResponsePart.Status, "", CheckOperator.Equals, "2xx", true)]
    [InlineData(ResponsePart.Status, "", CheckOperator.Equals, "404", false)]
    [InlineData(ResponsePart.Header, "content-type", CheckOperator.Contains, "json", true)]
    [InlineData(ResponsePart.Header, "X-None", CheckOperator.Exists, "", false)]
    [InlineData(ResponsePart.Body, "", CheckOperator.Contains, "\"ok\":true", true)]
    [InlineData(ResponsePart.Body, "", CheckOperator.Matches, @"id"":\d,", true)]
    [InlineData(ResponsePart.Json, "$.items[0].price", CheckOperator.Equals, "2.5", true)]
    [InlineData(ResponsePart.Json, "$.items[-1].id", CheckOperator.AtLeast, "2", true)]
    [InlineData(ResponsePart.Json, "$.ok", CheckOperator.NotEquals, "true", false)]
    [InlineData(ResponsePart.Size, "", CheckOperator.Below, "1000", true)]
    [InlineData(ResponsePart.Duration, "", CheckOperator.Below, "0.000001", false)]
    public async Task Checks_AreCountedAndAreNoErrors(ResponsePart part, string selector, CheckOperator comparison, string operand, bool holds)
    {
        await using var server = new ShopServer();
        var check = new Check { Name = "it", Part = part, Selector = selector, Operator = comparison, Operands = operand.Length > 0 ? [operand] : [] };
        var run = await RunAsync(Plan(Flow(Get(server, "a", "/a") with { Checks = [check] })) with { Scenarios = [Iterations(2, 5)] });
        Assert.Equal(new CheckSummary { Name = "it", Request = "a", Passes = holds ? 10 : 0, Fails = holds ? 0 : 10 }, Assert.Single(run.Checks));
        Assert.Equal(0, run.Summary.Errors);
        Assert.Equal(!holds, run.Warnings.Any(finding => finding.Code == "checks-failed"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Checks_CompressedBody_LookAtTheDecodedOne(string coding)
    {
        var body = Encoding.UTF8.GetBytes("""{"ok":"yes"}""");
        var buffer = new MemoryStream();
        using (Stream encoder = coding == "br" ? new System.IO.Compression.BrotliStream(buffer, System.IO.Compression.CompressionLevel.Fastest) : new System.IO.Compression.GZipStream(buffer, System.IO.Compression.CompressionLevel.Fastest))
            encoder.Write(body);
        var packed = Encoding.Latin1.GetString(buffer.ToArray());
        await using var server = new ShopServer(_ => ShopServer.Json(packed, $"Content-Encoding: {coding}\r\n"));
        var check = new Check { Name = "ok", Part = ResponsePart.Json, Selector = "$.ok", Operator = CheckOperator.Equals, Operands = ["yes"] };
        var run = await RunAsync(Plan(Flow(Get(server, "a", "/a") with { Checks = [check] })));
        Assert.Equal(1, run.Checks[0].Passes);
    }

    [Fact]
    public async Task Capture_BodyOverTheLimit_IsSeenInPartAndTold()
    {
        await using var server = new ShopServer(_ => ShopServer.Json(new string('x', 5000) + "needle"));
        var check = new Check { Name = "needle", Part = ResponsePart.Body, Operator = CheckOperator.Contains, Operands = ["needle"] };
        var run = await RunAsync(Plan(Flow(Get(server, "a", "/a") with { Checks = [check] })) with { CaptureBytesMax = 1000 });
        Assert.Equal(1, run.Checks[0].Fails);
        Assert.Equal(5006, run.Summary.BodyBytes);
        Assert.Contains(run.Warnings, finding => finding.Code == "capture-truncated");
    }

    [Fact]
    public async Task Think_AStep_IsInTheIterationAndNotInTheLatency()
    {
        await using var server = new ShopServer();
        var flow = new Flow { Name = "f", Steps = [Step(Get(server, "a", "/a")), new ThinkStep(ThinkTime.Fixed(TimeSpan.FromSeconds(1))), Step(Get(server, "b", "/b"))] };
        var run = await RunAsync(Plan(flow));
        Assert.InRange((server.Requests[1].At - server.Requests[0].At).TotalMilliseconds, 990, 30_000);
        Assert.InRange(run.Iterations!.DurationMs.Max, 999, 30_000);
        Assert.True(run.Summary.LatencyMs.Max < 900);
    }

    [Fact]
    public async Task Choice_Ways_AreTakenByWeight()
    {
        await using var server = new ShopServer();
        var flow = new Flow
        {
            Name = "f",
            Steps = [new ChoiceStep([new WeightedSteps(3, [Step(Get(server, "often", "/often"))]), new WeightedSteps(1, [Step(Get(server, "seldom", "/seldom"))])]), Step(Get(server, "end", "/end"))],
        };
        var run = await RunAsync(Plan(flow) with { Scenarios = [Iterations(1, 400)] });
        Assert.Equal(800, run.Summary.Requests);
        Assert.Equal(400, run.RequestsByName["end"].Requests);
        Assert.InRange(run.RequestsByName["often"].Requests, 260, 340);
    }

    [Fact]
    public async Task Feeders_EachOrder_GivesItsRows()
    {
        await using var server = new ShopServer();
        Feeder Feeder(FeederOrder order) => new() { Name = "u", Columns = ["id", "name"], Rows = [["1", "a"], ["2", "b"], ["3", "c"]], Order = order };
        var request = Get(server, "a", "/${u.id}/${u.name}");

        await RunAsync(Plan(Flow(request)) with { Feeders = [Feeder(FeederOrder.Sequential)], Scenarios = [Iterations(1, 5)] });
        Assert.Equal(["/1/a", "/2/b", "/3/c", "/1/a", "/2/b"], server.Paths);

        await RunAsync(Plan(Flow(request)) with { Feeders = [Feeder(FeederOrder.UniquePerVu)], Scenarios = [Iterations(3, 4)] });
        Assert.All(server.Requests.Skip(5).GroupBy(asked => asked.Connection), vu => Assert.Single(vu.Select(asked => asked.Path).Distinct()));
        Assert.Equal(["/1/a", "/2/b", "/3/c"], server.Paths.Skip(5).Distinct().Order());

        await RunAsync(Plan(Flow(request)) with { Feeders = [Feeder(FeederOrder.Random)], Scenarios = [Iterations(1, 100)] });
        Assert.All(server.Paths.Skip(17).GroupBy(path => path), group => Assert.InRange(group.Count(), 15, 60));
    }

    [Fact]
    public async Task Feeder_RunsOut_StopsItsVusOrTheRun()
    {
        await using var server = new ShopServer();
        var feeder = new Feeder { Name = "u", Columns = ["id"], Rows = [["1"], ["2"], ["3"]], AtEnd = FeederEnd.Stop };
        var plan = Plan(Flow(Get(server, "a", "/${u.id}"))) with { Feeders = [feeder], Scenarios = [Iterations(2, 100)] };
        var run = await RunAsync(plan);
        Assert.Equal(["/1", "/2", "/3"], server.Paths.Order());
        Assert.Contains(run.Warnings, finding => finding is { Code: "feeder-exhausted", Severity: FindingSeverity.Info });

        var faulty = await RunAsync(plan with { Feeders = [feeder with { AtEnd = FeederEnd.Error }], Scenarios = [new Scenario { Name = "s", Executor = ExecutorKind.ConstantVus, Connections = 2, Duration = Minute }] });
        Assert.Equal(3, faulty.Summary.Requests);
        Assert.Contains(faulty.Warnings, finding => finding is { Code: "feeder-exhausted", Severity: FindingSeverity.Critical });
    }

    [Fact]
    public async Task Redirects_FollowedWhenAsked_EachHopIsCounted()
    {
        await using var server = new ShopServer();
        var check = new Check { Name = "final", Part = ResponsePart.Status, Operator = CheckOperator.Equals, Operands = ["200"] };
        var plan = Plan(Flow(Get(server, "a", "/old") with { Method = "POST", Body = "x"u8.ToArray(), Headers = [("X-Mine", "1")], Checks = [check] }));
        var kept = await RunAsync(plan);
        Assert.Equal((1, 1), (kept.Statuses["302"], kept.Checks[0].Fails));
        Assert.Contains(kept.Warnings, finding => finding.Code == "redirects");

        var followed = await RunAsync(plan with { RedirectsMax = 3 });
        Assert.Equal((1, 1, 1), (followed.Statuses["302"], followed.Statuses["200"], followed.Checks[0].Passes));
        Assert.DoesNotContain(followed.Warnings, finding => finding.Code == "redirects");
        Assert.Equal("GET /new HTTP/1.1", server.Requests[^1].Line);
        Assert.Equal(("1", ""), (server.Requests[^1].Header("X-Mine"), server.Requests[^1].Body));

        // Load goes nowhere that the plan does not name.
        var away = await RunAsync(Plan(Flow(Get(server, "a", "/away"))) with { RedirectsMax = 3 });
        Assert.Equal(1, away.Summary.Requests);
    }

    [Fact]
    public async Task Redirects_CookieThatThePlanWrites_IsSentAgainToTheSameHost()
    {
        await using var server = new ShopServer();
        var plan = Plan(Flow(Get(server, "a", "/old") with { Headers = [("Cookie", "sid=mine")] })) with { RedirectsMax = 3 };
        await RunAsync(plan);
        Assert.True(server.Requests.Count > 1);
        Assert.All(server.Requests, asked => Assert.Equal("sid=mine", asked.Header("Cookie")));
    }

    [Fact]
    public async Task Choice_MostlyOfNothing_DoesNotExhaustTheStack()
    {
        await using var server = new ShopServer();
        var seldom = new Flow
        {
            Name = "f",
            Steps = [new ChoiceStep([new WeightedSteps(1, [Step(Get(server, "a", "/a"))]), new WeightedSteps(1e9, [])])],
        };
        var run = await RunAsync(Plan(seldom) with { Scenarios = [new Scenario { Name = "s", Executor = ExecutorKind.ConstantVus, Connections = 1, Duration = TimeSpan.FromSeconds(1) }] });
        Assert.True(run.Iterations!.Count > 10);
        Assert.InRange(run.DurationSeconds, 1, 10);
    }

    [Fact]
    public async Task Cookies_WhenKept_AreSentBackWithinTheIteration()
    {
        await using var server = new ShopServer();
        var plan = Plan(Flow(Get(server, "login", "/login"), Get(server, "b", "/b"))) with { Scenarios = [Iterations(1, 2)] };
        await RunAsync(plan with { Cookies = true });
        Assert.Equal([null, "sid=abc", null, "sid=abc"], server.Requests.Select(asked => asked.Header("Cookie")));
        await RunAsync(plan);
        Assert.All(server.Requests.Skip(4), asked => Assert.Null(asked.Header("Cookie")));
    }

    [Fact]
    public async Task Connections_PerIterationAndRequestsMax_AreMadeAnew()
    {
        await using var server = new ShopServer();
        var plan = Plan(Flow(Get(server, "a", "/a"), Get(server, "b", "/b"))) with { Scenarios = [Iterations(1, 3)] };
        await RunAsync(plan with { Connections = new ConnectionPolicy { PerIteration = true } });
        Assert.Equal([2, 2, 2], server.Requests.GroupBy(asked => asked.Connection).Select(group => group.Count()));
        await RunAsync(plan with { Connections = new ConnectionPolicy { RequestsMax = 4 } });
        Assert.Equal([4, 2], server.Requests.Skip(6).GroupBy(asked => asked.Connection).Select(group => group.Count()));
    }

    [Fact]
    public async Task Setup_ExtractsForEveryVu_AndTeardownFollows()
    {
        await using var server = new ShopServer();
        var plan = Plan(Flow(Get(server, "a", "/a/${token}"))) with
        {
            Setup = [Get(server, "login", "/login") with { Extractions = [new Extraction { Variable = "token", Part = ResponsePart.Json, Selector = "$.token" }] }],
            Teardown = [Get(server, "logout", "/logout/${token}")],
            Scenarios = [Iterations(2, 3)],
        };
        var run = await RunAsync(plan);
        Assert.Equal(["/login", "/a/t-1", "/a/t-1", "/a/t-1", "/a/t-1", "/a/t-1", "/a/t-1", "/logout/t-1"], server.Paths);
        Assert.Equal(6, run.Summary.Requests);
        Assert.Equal(["a"], run.RequestsByName.Keys);
    }

    [Fact]
    public async Task Setup_Fails_SendsNoLoadAndSaysWhy()
    {
        await using var server = new ShopServer();
        var plan = Plan(Flow(Get(server, "a", "/a"))) with
        {
            Setup = [Get(server, "login", "/missing") with { Extractions = [new Extraction { Variable = "token", Part = ResponsePart.Json, Selector = "$.token" }] }],
        };
        var exception = await Assert.ThrowsAsync<LoadSetupException>(() => RunAsync(plan));
        Assert.Equal(["'login' was answered with status 404", "'login' had nothing to extract as 'token'"], exception.Failures);
        Assert.Equal(["/missing"], server.Paths);
    }

    [Fact]
    public async Task Setup_RequestWithALongerTimeThanThePlans_HasThatTime()
    {
        await using var server = new ShopServer(delay: TimeSpan.FromSeconds(1));
        var limit = TimeSpan.FromMilliseconds(200);
        var plan = Plan(Flow(Get(server, "a", "/a") with { Timeout = Minute })) with
        {
            Setup = [Get(server, "fill", "/fill") with { Timeout = Minute }],
            Timeout = limit,
            ConnectTimeout = limit,
        };
        Assert.Equal(0, (await RunAsync(plan)).Summary.Errors);
        Assert.Equal(["/fill", "/a"], server.Paths);
    }

    [Fact]
    public async Task Setup_OneOfTwoRequestsOfANameFails_TheStatusToldIsTheOneThatFailed()
    {
        await using var server = new ShopServer();
        var plan = Plan(Flow(Get(server, "a", "/a"))) with { Setup = [Get(server, "prepare", "/fine"), Get(server, "prepare", "/missing")] };
        var e = await Assert.ThrowsAsync<LoadSetupException>(() => RunAsync(plan));
        Assert.Equal("'prepare' was answered with status 404", Assert.Single(e.Failures));
    }

    [Fact]
    public async Task Teardown_Fails_IsToldAndChangesNoFigure()
    {
        await using var server = new ShopServer();
        var run = await RunAsync(Plan(Flow(Get(server, "a", "/a"))) with { Teardown = [Get(server, "clean", "/missing")] });
        Assert.Equal((1, 0), (run.Summary.Requests, run.Summary.Errors));
        Assert.Contains(run.Warnings, finding => finding.Code == "teardown-failed");
    }

    [Fact]
    public async Task AbortingTarget_Missed_EndsTheRun()
    {
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(50));
        var plan = Plan(Flow(Get(server, "slow", "/a"))) with
        {
            Scenarios = [new Scenario { Name = "s", Executor = ExecutorKind.ConstantVus, Connections = 2, Duration = Minute }],
            Targets = ["p95{slow}<10ms"],
            AbortingTargets = [new AbortingTarget("p95{slow}<10ms", TimeSpan.FromSeconds(1))],
        };
        var run = await RunAsync(plan);
        Assert.Equal("p95{slow}<10ms", run.AbortedBy);
        Assert.InRange(run.DurationSeconds, 1, 10);
        Assert.False(run.Thresholds[0].Passed);
        Assert.Contains(run.Warnings, finding => finding.Code == "run-aborted");
    }

    [Fact]
    public async Task Tags_SumUpTheRequestsThatCarryThem()
    {
        await using var server = new ShopServer();
        PlannedRequest Tagged(string name, string area) => Get(server, name, "/" + name) with { Tags = new Dictionary<string, string> { ["area"] = area } };
        var run = await RunAsync(Plan(Flow(Tagged("a", "read"), Tagged("b", "read"), Tagged("c", "write"))));
        Assert.Equal((2, 1), (run.RequestsByTag["area:read"].Requests, run.RequestsByTag["area:write"].Requests));
    }

    [Fact]
    public async Task Steps_OfOneVu_FollowOneAnotherUnderManyVusAndWorkers()
    {
        await using var server = new ShopServer();
        var flow = Flow(Get(server, "a", "/a/${vu}/${iteration}"), Get(server, "b", "/b/${vu}/${iteration}"), Get(server, "c", "/c/${vu}/${iteration}"));
        var run = await RunAsync(Plan(flow) with { Scenarios = [Iterations(40, 25)] }, workers: 4);
        Assert.Equal(3000, run.Summary.Requests);
        foreach (var vu in server.Requests.GroupBy(asked => asked.Connection))
        {
            var number = vu.First().Path.Split('/')[2];
            Assert.Equal(Enumerable.Range(0, 75).Select(i => $"/{"abc"[i % 3]}/{number}/{i / 3}"), vu.Select(asked => asked.Path));
        }
    }

    private static Task<RunFile> RunAsync(LoadPlan plan, int workers = 1) =>
        LoadRun.RunAsync(plan, new LoadOptions { Workers = workers }, cancellation: TestContext.Current.CancellationToken);

    private static LoadPlan Plan(params Flow[] flows) => new() { Name = "test", Flows = flows, Scenarios = [Iterations(1, 1)] };

    private static Scenario Iterations(int vus, long iterations) =>
        new() { Name = "s", Executor = ExecutorKind.PerVuIterations, Connections = vus, Iterations = iterations, Duration = Minute };

    private static Flow Flow(params PlannedRequest[] requests) => new() { Name = "f", Steps = [.. requests.Select(Step)] };

    private static Step Step(PlannedRequest request) => new RequestStep(request);

    private static PlannedRequest Get(ShopServer server, string name, string path) => new() { Name = name, Url = server.At(path) };
}
