using System.Text.RegularExpressions;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Tests.Load;

/// <summary>Whole plans sent by the command line, by what a server was asked.</summary>
public sealed partial class LoadPlanTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-plans-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Load_EveryExecutor_SendsWhatItsScenarioSays()
    {
        await using var server = new ShopServer();
        Write("arrivals.txt", "2026-01-31T12:00:00Z\n2026-01-31T12:00:00.5Z\n2026-01-31T12:00:02Z\n");
        Write("plan.yaml", """
            target: http://127.0.0.1:1
            requests: [ /constant-vus, /ramping-vus, /constant-rate, /ramping-rate, /each, /shared, /replay ]
            scenarios:
              constant-vus: { executor: constant-vus, vus: 3, duration: 1s, thinkTime: 100ms, exec: GET /constant-vus }
              ramping-vus: { executor: ramping-vus, startVUs: 0, stages: [ { duration: 500ms, target: 8 }, { duration: 500ms, target: 8 } ], thinkTime: 50ms, exec: GET /ramping-vus }
              constant-rate: { executor: constant-arrival-rate, rate: 3000, timeUnit: 1m, duration: 2s, maxVUs: 5, exec: GET /constant-rate }
              ramping-rate: { executor: ramping-arrival-rate, startRate: 0, stages: [ { duration: 1s, target: 100 }, { duration: 1s, target: 0 } ], maxVUs: 5, exec: GET /ramping-rate, startTime: 500ms }
              each: { executor: per-vu-iterations, vus: 4, iterations: 5, exec: GET /each }
              shared: { executor: shared-iterations, vus: 4, iterations: 31, exec: GET /shared, startTime: 1s }
              replay: { executor: replay, arrivals: arrivals.txt, speed: 2, exec: GET /replay }
            """);
        var run = await RunAsync(server);
        var asked = server.Requests.GroupBy(request => request.Path).ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        int VusOf(string path) => asked[path].Select(request => request.Connection).Distinct().Count();

        // What is counted is exact. What is paced by thinking is at most so much; how much less is a matter of the machine.
        Assert.Equal((100, 100, 20, 31, 3), (asked["/constant-rate"].Count, asked["/ramping-rate"].Count, asked["/each"].Count, asked["/shared"].Count, asked["/replay"].Count));
        Assert.Equal((3, 8, 4), (VusOf("/constant-vus"), VusOf("/ramping-vus"), VusOf("/each")));
        Assert.InRange(asked["/constant-vus"].Count, 9, 33);
        Assert.InRange(asked["/ramping-vus"].Count, 30, 130);
        Assert.InRange((asked["/replay"][^1].At - asked["/replay"][0].At).TotalSeconds, 0.1, 1.9);
        Assert.InRange((asked["/shared"][0].At - server.Requests[0].At).TotalSeconds, 0.1, 10);

        Assert.Equal(asked.Keys.Select(path => "GET " + path).Order(StringComparer.Ordinal), run.RequestsByName.Keys.Order(StringComparer.Ordinal));
        Assert.All(asked, path => Assert.Equal(path.Value.Count, run.RequestsByName["GET " + path.Key].Requests));
        Assert.Equal(["constant-vus", "ramping-vus", "constant-arrival-rate", "ramping-arrival-rate", "per-vu-iterations", "shared-iterations", "replay"], run.Plan.Phases.Select(phase => phase.Executor));
        Assert.Equal((0, 0), (run.Summary.Errors, run.Summary.Dropped));
    }

    [Fact]
    public async Task Load_EveryFeatureOfAFlow_ReachesTheServerAndEveryOutput()
    {
        await using var server = new ShopServer();
        var pushed = "";
        await using var gateway = new ScriptedServer(async conversation =>
        {
            pushed = await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        Write("users.csv", "name;city\nann;\"Bonn; Rhein\"\nbob;Köln\n");
        Write("words.json", """[ { "word": "say \"hi\"" }, { "word": "a&b" } ]""");
        Write("plan.yaml", FlowPlan);
        string[] files = ["--html", "--markdown", "--junit", "--csv", "--csv-requests", "--summary-export", "--prometheus"];
        var run = await RunAsync(server, [.. files.SelectMany(option => new[] { option, In(option) }), "--pushgateway", gateway.Url.ToString()]);
        AssertAsked(server.Requests);

        Assert.Equal((server.Requests.Count - 2, 0, 40), (run.Summary.Requests, run.Summary.Errors, run.Iterations!.Count));
        Assert.Equal(["item", "jar", "list", "old", "send"], run.RequestsByName.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(40, run.RequestsByTag["area:read"].Requests);
        Assert.Equal(8, run.Checks.Count);
        Assert.All(run.Checks, check => Assert.Equal((40, 0), (check.Passes, check.Fails)));
        Assert.Equal(4, run.Thresholds.Count(threshold => threshold.Passed));

        Assert.Contains("\"every feature\"", Read("--html"), StringComparison.Ordinal);
        Assert.Contains("| list |", Read("--markdown"), StringComparison.Ordinal);
        Assert.Equal(JUnitReport.Render(run), Read("--junit"));
        Assert.Equal(CsvReport.RenderSeries(run), Read("--csv"));
        Assert.Equal(CsvReport.RenderRequests(run), Read("--csv-requests"));
        Assert.Equal(SummaryExport.Render(run), Read("--summary-export"));
        Assert.Equal(PrometheusText.Render(run), Read("--prometheus"));
        Assert.EndsWith(PrometheusText.Render(run), pushed, StringComparison.Ordinal);
    }

    private const string FlowPlan = """
        name: every feature
        target: http://127.0.0.1:1
        headers: { Authorization: "Bearer ${token}" }
        vars: { tenant: blue }
        cookies: true
        redirects: 2
        connections: { perIteration: true }
        feeders:
          users: { file: users.csv, delimiter: ";" }
          words: { file: words.json, order: random }
          mine: { rows: [ { key: k1 }, { key: k2 } ], order: unique }
        setup: [ { url: /login, method: POST, json: { user: "${env.API_USER:-demo}" }, extract: { token: $.token } } ]
        teardown: [ "/logout/${token}" ]
        requests:
          - { name: send, method: POST, url: "/users/${users.name}/messages", json: { text: "${words.word}", vu: "${vu | raw}", n: "${iteration | raw}", key: "${mine.key}" }, checks: [ { status: 200, name: sent } ], only: flows }
        flows:
          shop:
            - name: list
              url: /list?city=${users.city}&tenant=${tenant}&word=${words.word}
              tags: { area: read }
              extract:
                first: $.items[0].id
                last: { json: "$.items[-1].id" }
                type: { header: Content-Type, regex: "(.*)/json" }
                ok: { regex: '"ok":(\w+)' }
                none: { json: $.none, default: d }
              checks:
                - status: [ 200, 304 ]
                - { header: Content-Type, contains: json }
                - { bodyContains: items }
                - { bodyMatches: '"id":\d' }
                - { json: "$.items[0].price", equals: 2.5 }
                - { size: "<1KB" }
                - { duration: "<20s" }
            - think: 10ms
            - oneOf:
                - { weight: 3, name: item, url: "/items/${first}/${last}/${type}/${ok}/${none}" }
                - { weight: 1, steps: [ { think: { min: 1ms, max: 5ms } }, { name: old, url: /old } ] }
            - { name: jar, url: /login }
            - request: send
        scenarios: { s: { executor: per-vu-iterations, vus: 2, iterations: 20, thinkTime: { exponential: 5ms } } }
        thresholds:
          http_req_duration{area:read}: [ "p(95)<20000" ]
          http_req_failed: rate<0.01
          checks: [ rate>0.99 ]
          http_reqs: count>100
        """;

    private static void AssertAsked(IReadOnlyList<ShopServer.Asked> asked)
    {
        Assert.Equal(("POST /login HTTP/1.1", """{"user":"demo"}""", null), (asked[0].Line, asked[0].Body, asked[0].Header("Authorization")));
        Assert.Equal("/logout/t-1", asked[^1].Path);
        Assert.All(asked.Skip(1), request => Assert.Equal("Bearer t-1", request.Header("Authorization")));

        var load = asked.Skip(1).SkipLast(1).ToList();
        int Count(string path) => load.Count(request => Regex.IsMatch(request.Path, $"^{path}$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Equal(40, Count(@"/list\?city=(Bonn%3B%20Rhein|K%C3%B6ln)&tenant=blue&word=(say%20%22hi%22|a%26b)"));
        var (items, old) = (Count("/items/1/2/application/true/d"), Count("/old"));
        Assert.InRange(items, 20, 38);
        Assert.Equal((40, old, 40), (items + old, Count("/new"), Count("/login")));
        Assert.Equal((20, 20), (Count("/users/ann/messages"), Count("/users/bob/messages")));
        Assert.Equal(160 + old, load.Count);

        // An iteration has a connection and a cookie jar of its own, and all that is sent in it knows both.
        Assert.Equal(40, load.GroupBy(request => request.Connection).Count());
        var sent = load.Where(request => request.Path.EndsWith("/messages", StringComparison.Ordinal)).ToList();
        Assert.All(sent, request => Assert.Equal("sid=abc", request.Header("Cookie")));
        Assert.All(load.Except(sent), request => Assert.Null(request.Header("Cookie")));
        var bodies = sent.Select(request => Body.Match(request.Body)).ToList();
        Assert.All(bodies, body => Assert.True(body.Success));
        Assert.Equal(40, bodies.Select(body => (body.Groups["vu"].Value, body.Groups["n"].Value)).Distinct().Count());
        Assert.Equal(["1 k1", "2 k2"], bodies.Select(body => $"{body.Groups["vu"].Value} {body.Groups["key"].Value}").Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Load_AbortingThresholdMissed_EndsEarlyAndExitsWith1()
    {
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(50));
        Write("plan.yaml", """
            target: http://127.0.0.1:1
            requests: [ /a ]
            scenarios: { s: { executor: constant-vus, vus: 2, duration: 1h } }
            thresholds: { http_req_duration: { threshold: "p(95)<10", abortOnFail: true, delayAbortEval: 1s } }
            """);
        var result = await HeadroomProcess.RunAsync("load", In("plan.yaml"), "--base-url", server.Url.ToString(), "--quiet", "--out", In("run.json"));
        Assert.Equal(1, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal("http_req_duration: p(95)<10", run.AbortedBy);
        Assert.InRange(run.DurationSeconds, 1, 20);
    }

    [Theory]
    [InlineData("setup: [ { name: log in, url: /missing, extract: { t: $.t } } ]", 2, "'log in' was answered with status 404", 1)]
    [InlineData("feeders: { f: { rows: [ { a: 1 }, { a: 2 } ], atEnd: error } }", 1, "", 2)]
    [InlineData("feeders: { f: { rows: [ { a: 1 }, { a: 2 } ], atEnd: stop } }", 0, "", 2)]
    public async Task Load_PlanThatCannotGoOn_SaysSoByItsExitCode(string part, int exitCode, string error, int requests)
    {
        await using var server = new ShopServer();
        Write("plan.yaml", $$"""
            target: http://127.0.0.1:1
            {{part}}
            requests: [ "/a?{{(part.StartsWith("feeders", StringComparison.Ordinal) ? "f=${f.a}" : "t=${t}")}}" ]
            scenarios: { s: { executor: constant-vus, vus: 1, duration: 1h } }
            """);
        var result = await HeadroomProcess.RunAsync("load", In("plan.yaml"), "--base-url", server.Url.ToString(), "--quiet");
        Assert.Equal((exitCode, requests), (result.ExitCode, server.Requests.Count));
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
    }

    /// <summary>The plan of docs/load.md asks what its k6 script asks, of a server that has these endpoints.</summary>
    [Fact]
    public async Task Load_PlanOfThePageForK6Users_SendsWhatItsScriptDoes()
    {
        await using var server = new ShopServer(asked => asked.Path switch
        {
            "/login" => ShopServer.Json("""{"token":"secret-token"}"""),
            "/chats?limit=20" => ShopServer.Json("""{"items":[{"id":41},{"id":7}]}"""),
            "/chats/41/messages" => "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
            _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        });
        var page = await File.ReadAllTextAsync(RepositoryRoot.Combine("docs", "load.md"), TestContext.Current.CancellationToken);
        Write("plan.yaml", page.Split("```yaml\n")[1].Split("```")[0]);
        using var process = HeadroomProcess.Start(
            ["load", In("plan.yaml"), "--scale", "0.01", "--quiet", "--out", In("run.json")],
            environment: new Dictionary<string, string> { ["TARGET"] = server.Url.ToString().TrimEnd('/'), ["PASSWORD"] = "p" });
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal("""{"user":"load","password":"p"}""", server.Requests[0].Body);
        var load = server.Requests.Skip(1).ToList();
        Assert.All(load, asked => Assert.Equal("Bearer secret-token", asked.Header("Authorization")));

        // A ramp to 20/s in 0.6 s and 20/s for 1.8 s, each iteration a list and a message.
        var run = RunFileJson.Read(In("run.json"));
        Assert.InRange(run.Iterations!.Count, 40, 44);
        Assert.Equal((run.Iterations.Count, run.Iterations.Count), (load.Count(asked => asked.Path == "/chats?limit=20"), load.Count(asked => asked.Path == "/chats/41/messages")));
        Assert.Equal(["has chats", "is 200", "is 201"], run.Checks.Select(check => check.Name).Order(StringComparer.Ordinal));
        Assert.Matches(@"^\{""text"":""from VU \d+""\}$", load.First(asked => asked.Body.Length > 0).Body);
    }

    private async Task<RunFile> RunAsync(ShopServer server, params string[] options)
    {
        var result = await HeadroomProcess.RunAsync(["load", In("plan.yaml"), "--base-url", server.Url.ToString(), "--quiet", "--out", In("run.json"), .. options]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return RunFileJson.Read(In("run.json"));
    }

    private string In(string name) => Path.Combine(_folder, name);

    private string Read(string name) => File.ReadAllText(In(name));

    private void Write(string name, string text) => File.WriteAllText(In(name), text);

    [GeneratedRegex("""^\{"text":"(say (\\u0022|\\")hi(\\u0022|\\")|a(&|\\u0026)b)","vu":(?<vu>\d),"n":(?<n>\d+),"key":"(?<key>k\d)"\}$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Body { get; }
}
