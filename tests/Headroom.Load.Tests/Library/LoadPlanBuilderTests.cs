using System.Text;

namespace Headroom.Load.Tests.Library;

public sealed class LoadPlanBuilderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Build_SimplestPlan_IsThatOfAFile()
    {
        var built = LoadPlan.Create("chats").BaseAddress("http://127.0.0.1:5080/base/").Get("/api/v2/chats").AtRate(500).For(30 * Second).Build();

        var read = LoadPlanFile.Parse(
            "name: chats\ntarget: http://127.0.0.1:5080/base\nrequests: [ /api/v2/chats ]\nscenarios: { constant-rate: { executor: constant-arrival-rate, rate: 500/s, duration: 30s } }",
            "plan.yaml",
            ".");
        Assert.Equal(Headroom.Load.Plans.PlanDigest.Of(read), Headroom.Load.Plans.PlanDigest.Of(built));
        Assert.Equal("GET /base/api/v2/chats", Assert.Single(built.Requests).Name);
    }

    [Fact]
    public void Build_EverythingOfARequest_IsInThePlan()
    {
        var plan = Minimal()
            .Header("Accept", "application/json")
            .Header("X-Tenant", "blue")
            .Put("/items/${vu}", new { DisplayName = "Größe", Tags = new[] { "a" }, Count = "${random(1,9) | raw}" }, item => item
                .Named("change").Weight(3).Header("x-tenant", "green").Tag("area", "write").Timeout(2 * Second)
                .CheckStatus(200, 204).CheckHeader("ETag").CheckHeader("Content-Encoding", "br", "gzip").CheckJson("$.id").CheckBody("ok")
                .Extract("id", "$.id").With(request => request with { EventsMax = 4 }))
            .Post("/text", text => text.Body("plain ${uuid}", "text/plain"))
            .Post("/bytes", bytes => bytes.Body(new byte[] { 1, 2 }, "application/octet-stream"))
            .Delete("/items/1")
            .Build();

        var item = plan.Requests[1];
        Assert.Equal(("change", "PUT", 3.0, 4, 2 * Second), (item.Name, item.Method, item.Weight, item.EventsMax, item.Timeout));
        Assert.Equal([("Accept", "application/json"), ("x-tenant", "green"), ("Content-Type", "application/json")], item.Headers);
        Assert.Equal("""{"displayName":"Größe","tags":["a"],"count":${random(1,9) | raw}}""", Encoding.UTF8.GetString(item.Body.Span));
        Assert.Equal(BodyVariables.Json, item.BodyVariables);
        Assert.Equal(["status is 200 or 204", "header ETag is there", "header Content-Encoding is br or gzip", "$.id is there", "body contains ok"], item.Checks.Select(check => check.Name));
        Assert.Equal("write", item.Tags["area"]);
        Assert.Equal("id", Assert.Single(item.Extractions).Variable);
        Assert.Equal((BodyVariables.Text, BodyVariables.None), (plan.Requests[2].BodyVariables, plan.Requests[3].BodyVariables));
        Assert.Equal([1, 2], plan.Requests[3].Body.ToArray());
        Assert.Equal("DELETE /items/1", plan.Requests[4].Name);
        Assert.Equal(["checks>=100%"], plan.Targets);
    }

    /// <summary>Every verb that may have a body takes it as an object, or whatever else by a request's own methods.</summary>
    [Fact]
    public void Build_VerbsWithABody_TakeAnObjectOrAnythingElse()
    {
        var plan = LoadPlan.Create("p").BaseAddress("http://127.0.0.1:1").Iterations(1)
            .Post("/a", new { n = 1 }).Put("/a", new { n = 1 }).Patch("/a", new { n = 1 })
            .Post("/b", Text).Put("/b", Text).Patch("/b", Text)
            .Post("/c").Put("/c").Patch("/c").Delete("/c").Send("OPTIONS", "/c")
            .Build();

        Assert.Equal(
            ["POST", "PUT", "PATCH", "POST", "PUT", "PATCH", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            plan.Requests.Select(request => request.Method));
        Assert.Equal(
            ["""{"n":1}""", """{"n":1}""", """{"n":1}""", "t", "t", "t", "", "", "", "", ""],
            plan.Requests.Select(request => Encoding.UTF8.GetString(request.Body.Span)));

        static void Text(RequestBuilder request) => request.Body("t", "text/plain");
    }

    [Theory]
    [InlineData("""{"a":"${vu}","n":${random(1,5)}}""", BodyVariables.Json)]
    [InlineData("""{"a":1}""", BodyVariables.None)]
    public void Json_WrittenAlready_IsSentAsItIs(string json, BodyVariables variables)
    {
        var request = Minimal().Post("/a", json).Build().Requests[1];
        Assert.Equal((json, variables), (Encoding.UTF8.GetString(request.Body.Span), request.BodyVariables));
    }

    [Fact]
    public void Json_TextWithQuotedVariables_KeepsItsQuotes()
    {
        var request = Minimal().Post("/a", new { said = "say \"${vu | raw}\"", ends = "\"${vu | raw}", whole = "${vu | raw}", both = "${vu | raw}${vu}" }).Build().Requests[1];
        Assert.Equal("""{"said":"say \"${vu | raw}\"","ends":"\"${vu | raw}","whole":${vu | raw},"both":"${vu | raw}${vu}"}""", Encoding.UTF8.GetString(request.Body.Span));
    }

    [Fact]
    public void Build_Phases_FollowOneAnother()
    {
        var plan = LoadPlan.Create("p").BaseAddress("http://127.0.0.1:1").Get("/")
            .WarmUp(2 * Second).AtRate(100, connections: 7).For(10 * Second).For(5 * Second)
            .AtRate(10).RampTo(200, 20 * Second).For(30 * Second)
            .Users(0, name: "people").RampTo(40, Second)
            .Users(5).For(Second).Users(6).For(Second)
            .Iterations(1000, users: 4, atMost: 60 * Second)
            .Think(Second, 3 * Second).Build();

        Assert.Equal(["constant-rate", "ramping-rate", "people", "concurrent", "concurrent-2", "iterations"], plan.Scenarios.Select(scenario => scenario.Name));
        Assert.Equal(
            [ExecutorKind.ConstantArrivalRate, ExecutorKind.RampingArrivalRate, ExecutorKind.RampingVus, ExecutorKind.ConstantVus, ExecutorKind.ConstantVus, ExecutorKind.SharedIterations],
            plan.Scenarios.Select(scenario => scenario.Executor));
        Assert.Equal([0, 17, 67, 68, 69, 70], plan.Scenarios.Select(scenario => scenario.StartTime.TotalSeconds));
        Assert.Equal([15, 50, 1, 1, 1, 60], plan.Scenarios.Select(scenario => scenario.Duration.TotalSeconds));
        Assert.Equal([7, 50, 40, 5, 6, 4], plan.Scenarios.Select(scenario => scenario.Connections));
        Assert.Equal((2.0, 0.0), (plan.Scenarios[0].WarmUp.TotalSeconds, plan.Scenarios[1].WarmUp.TotalSeconds));
        Assert.Equal([new Stage(20 * Second, 200), new Stage(30 * Second, 200)], plan.Scenarios[1].Stages);
        Assert.All(plan.Scenarios, scenario => Assert.Equal(ThinkTime.Uniform(Second, 3 * Second), scenario.ThinkTime));
        Assert.Equal(1000, plan.Scenarios[^1].Iterations);
    }

    [Fact]
    public void Build_ManyMistakes_TellsAllOfThemWithWhatToWrite()
    {
        var e = Assert.Throws<LoadPlanException>(() => LoadPlan.Create("wrong")
            .Get("/relative")
            .Post("/json", "{ no json }", json => json.Header("bad name", "x").Weight(0))
            .Feeder("users", Array.Empty<string>())
            .Feeder("mixed", new object[] { new { a = 1 }, new { b = 2 } })
            .Setup(setup => setup.Think(Second))
            .Iterations(5).For(Second)
            .AtRate(10)
            .Threshold("p99<200 parsecs")
            .Build());

        Assert.All(e.Problems, problem => Assert.Equal("plan 'wrong'", problem.Source));
        foreach (var expected in new[]
        {
            "'/relative' is a path, and there is no usable base address; write .BaseAddress(\"http://127.0.0.1:5080\")",
            "the body of POST /json is not JSON",
            "header name 'bad name' is not a token",
            "weight of request 'POST /' is 0; it must be above 0",
            "feeder 'users' has no rows",
            "feeder 'mixed' has a row of the columns b; the first row has a",
            "Setup and Teardown send their requests once",
            "Iterations(5) ends by itself; leave For(1s) out",
            "AtRate(10) does not say for how long; write AtRate(10).For(TimeSpan.FromSeconds(30))",
            "after Iterations(5) another phase follows",
            "parsecs",
        })
        {
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("there is nothing to send")]
    [InlineData("it does not say how much load; write .AtRate(500).For(TimeSpan.FromSeconds(30))")]
    [InlineData("For(30s) says how long, and not how much; write AtRate(500).For(30s)")]
    [InlineData("base address: 'localhost:5080' is not an http address; write the scheme too: http://localhost:5080")]
    public void Build_NothingButABaseAddressWithoutScheme_TellsEachThingThatIsMissing(string expected)
    {
        var e = Assert.Throws<LoadPlanException>(() => LoadPlan.Create("empty").BaseAddress("localhost:5080").For(30 * Second).Build());
        Assert.Equal(4, e.Problems.Count);
        Assert.Contains(e.Problems, problem => problem.Message.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Build_TimesWithoutEnd_AreTold()
    {
        var e = Assert.Throws<LoadPlanException>(() => LoadPlan.Create("long").BaseAddress("http://127.0.0.1:1").Get("/")
            .WarmUp(TimeSpan.MaxValue).AtRate(10).For(TimeSpan.MaxValue).For(Second).Users(1).For(8 * 24 * 3600 * Second).Iterations(1, atMost: TimeSpan.MaxValue).Build());
        Assert.Equal(["AtRate(10)", "Iterations(1)", "Users(1)", "the"], e.Problems.Select(problem => problem.Message.Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.All(e.Problems, problem => Assert.Contains("7", problem.Message.Split(';')[1], StringComparison.Ordinal));
    }

    [Fact]
    public void Build_NumberThatJsonHasNot_IsTold()
    {
        var e = Assert.Throws<LoadPlanException>(() => Minimal().Post("/a", new { price = double.NaN }).Feeder("rows", [double.PositiveInfinity]).Build());
        Assert.Equal(
            ["feeder 'rows' has a row that cannot be read", "the body of POST /a cannot be written as JSON"],
            e.Problems.Select(problem => problem.Message.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Build_ChecksJudgedByTheirOwnThreshold_AddsNone()
    {
        string[] Targets(string threshold) => [.. Minimal().Get("/b", b => b.CheckStatus(200)).Threshold(threshold).Build().Targets];
        Assert.Equal(["checks>90%"], Targets("checks>90%"));
        Assert.Equal(["checks: rate>0.9"], Targets("checks: rate>0.9"));
        Assert.Equal(["p99<1s", "checks>=100%"], Targets("p99<1s"));
    }

    [Fact]
    public void Feeder_SequencesOfEachKind_BecomeColumns()
    {
        var plan = Minimal()
            .Feeder("ids", Enumerable.Range(1, 3))
            .Feeder("users", new[] { new { Id = 1, Name = "Ann", Since = (DateOnly?)new DateOnly(2026, 1, 2) }, new { Id = 2, Name = "Bob", Since = (DateOnly?)null } }, FeederOrder.Random)
            .Feeder("words", new[] { "a b", "${c}" }, atEnd: FeederEnd.Stop)
            .Build();

        Assert.Equal(["value"], plan.Feeders[0].Columns);
        Assert.Equal(["1", "2", "3"], plan.Feeders[0].Rows.Select(row => row[0]));
        Assert.Equal(["Id", "Name", "Since"], plan.Feeders[1].Columns);
        Assert.Equal([["1", "Ann", "2026-01-02"], ["2", "Bob", ""]], plan.Feeders[1].Rows);
        Assert.Equal((FeederOrder.Random, FeederEnd.Stop), (plan.Feeders[1].Order, plan.Feeders[2].AtEnd));
    }

    [Fact]
    public async Task Run_LoginFlowAndFeeder_SendsWhatItSays()
    {
        await using var server = new ShopServer();
        var result = await LoadPlan.Create("shop")
            .BaseAddress(server.Url)
            .Header("Authorization", "Bearer ${token}")
            .Feeder("users", new[] { "ann", "b/b" })
            .Setup(setup => setup.Post("/login", new { user = "demo" }, login => login.Extract("token", "$.token")))
            .Teardown(teardown => teardown.Get("/logout/${token}"))
            .Flow("browse", browse => browse
                .Get("/list?user=${users.value}", list => list.Named("list").Extract("first", "$.items[0].id"))
                .Think(TimeSpan.FromMilliseconds(1))
                .Get("/items/${first}", item => item.Named("item").CheckStatus(200).CheckJson("$.ok", "true")))
            .Iterations(6, users: 2)
            .RunAsync(cancellation: TestContext.Current.CancellationToken);

        result.ThrowIfFailed();
        Assert.Equal((12, 0, 0.0), (result.Requests, result.Errors, result.ErrorRate));
        Assert.Equal(["item", "list"], result.PerRequest.Keys.Order());
        Assert.Equal(6, result.PerRequest["item"].StatusCodes[200]);
        Assert.Equal("/login", server.Requests[0].Path);
        Assert.Null(server.Requests[0].Header("Authorization"));
        Assert.All(server.Requests.Skip(1), request => Assert.Equal("Bearer t-1", request.Header("Authorization")));
        Assert.Equal((3, 3, 6), (server.Paths.Count(path => path == "/list?user=ann"), server.Paths.Count(path => path == "/list?user=b%2Fb"), server.Paths.Count(path => path == "/items/1")));
        Assert.Equal("/logout/t-1", server.Requests[^1].Path);
    }

    [Fact]
    public async Task Run_Cancelled_ReturnsWhatThereIs()
    {
        await using var server = new ShopServer();
        using var cancel = new CancellationTokenSource();
        var progress = new Told(report => { if (report.Requests > 10) cancel.Cancel(); });
        var result = await LoadPlan.Create("long").BaseAddress(server.Url).Get("/a").Users(1).For(TimeSpan.FromHours(1)).RunAsync(progress: progress, cancellation: cancel.Token);
        Assert.True(result.Interrupted);
        Assert.True(result.Requests > 10);
    }

    private sealed class Told(Action<LoadProgress> take) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => take(value);
    }

    private static LoadPlanBuilder Minimal() => LoadPlan.Create("p").BaseAddress("http://127.0.0.1:1").Get("/first").Iterations(1);
}
