using System.Text;

namespace Headroom.Load.Tests.Plans;

public sealed class PlanReaderTests
{
    [Fact]
    public void Read_KeysOfTheWholePlan_AreRead()
    {
        var plan = PlanText.Read("""
            responseTimeout: 3s
            captureLimit: 2MB
            redirects: 5
            cookies: true
            http: 1.1
            connections: { requestsMax: 100, perIteration: true }
            vars: { tenant: blue, price: "$5", literal: "$${x}" }
            headers: { X-Tenant: "${tenant}" }
            requests: [ /a ]
            """);
        Assert.Equal((3.0, 2_000_000L, 5, true), (plan.ResponseTimeout!.Value.TotalSeconds, plan.CaptureBytesMax, plan.RedirectsMax, plan.Cookies));
        Assert.Equal((HttpVersionChoice.Http11, 100, true), (plan.Connections.Version, plan.Connections.RequestsMax, plan.Connections.PerIteration));
        Assert.Equal(HttpVersionChoice.Http2, PlanText.Read("http: 2\nrequests: [/a]").Connections.Version);
        Assert.Equal(("blue", "$5", "${x}"), (plan.Variables["tenant"], plan.Variables["price"], plan.Variables["literal"]));
        Assert.Equal([("X-Tenant", "${tenant}")], plan.Requests[0].Headers);
        Assert.Empty(plan.Validate());
    }

    [Fact]
    public void Read_HeaderThatNeedsSetup_IsLeftOutUntilItsValueIsThere()
    {
        var plan = PlanText.Read("""
            headers: { Authorization: "Bearer ${token}", Accept: text/plain }
            setup:
              - { url: /login, method: post, json: { user: a }, extract: { token: $.token } }
              - /warm
            requests: [ /a ]
            teardown: [ /logout ]
            """);
        Assert.Equal(["Accept", "Content-Type"], plan.Setup[0].Headers.Select(header => header.Name));
        Assert.Equal(["Authorization", "Accept"], plan.Setup[1].Headers.Select(header => header.Name));
        Assert.Contains(("Authorization", "Bearer ${token}"), plan.Requests[0].Headers);
        Assert.Contains(("Authorization", "Bearer ${token}"), plan.Teardown[0].Headers);
        Assert.Empty(plan.Validate());
    }

    [Fact]
    public void Read_Environment_IsPutInAnywhereAsText()
    {
        var environment = new Dictionary<string, string?> { ["HOST"] = "127.0.0.1:9", ["KEY"] = "a${b}$", ["VUS"] = "7", ["EMPTY"] = "" };
        var plan = LoadPlanFile.Parse(
            """
            target: http://${env.HOST}/v1
            headers: { X-Key: "${env.KEY}", X-Literal: "$${env.KEY}" }
            vars: { key: "${env.KEY}", other: "${env.UNSET:-b c}", empty: "${env.EMPTY:-d}" }
            requests:
              - url: /a
                json:
                  key: "${env.KEY}"
                  n: ${env.VUS}
            scenarios: { s: { executor: constant-vus, vus: "${env.VUS}", duration: "${env.TIME:-3s}" } }
            """,
            "plan.yaml",
            ".",
            baseUrl: null,
            environment.GetValueOrDefault);
        Assert.Equal("http://127.0.0.1:9/v1/a", plan.Requests[0].Url.OriginalString);
        Assert.Equal(("a${b}$", "b c", "d"), (plan.Variables["key"], plan.Variables["other"], plan.Variables["empty"]));
        Assert.Equal("{\"key\":\"a${b}$\",\"n\":7}", Encoding.UTF8.GetString(plan.Requests[0].Body.Span));
        Assert.Equal((7, 3.0), (plan.Scenarios[0].Connections, plan.Scenarios[0].Duration.TotalSeconds));
        Assert.Contains(("X-Literal", "$${env.KEY}"), plan.Requests[0].Headers);
        Assert.Empty(plan.Validate());
    }

    [Theory]
    [InlineData("name: '${env.NO_SUCH}'\nrequests: [/a]", 1, "environment variable 'NO_SUCH' is not set; set it, or write ${env.NO_SUCH:-default}")]
    [InlineData("name: '${env.a b}'\nrequests: [/a]", 1, "'${env.a b}' is not a name of an environment variable")]
    [InlineData("requests: [ '/a/${id}' ]", 1, "url of request 'GET /a/${id}' uses '${id}', which nothing sets; known there: nothing")]
    [InlineData("vars: { user: 1 }\nrequests: [ '/a/${usr}' ]", 2, "known there: user; did you mean 'user'?")]
    [InlineData("vars: { a: '${b}' }\nrequests: [/a]", 1, "variable 'a' has a fixed value")]
    [InlineData("vars: { random: 1 }\nrequests: [/a]", 1, "'random' stands for something else already")]
    [InlineData("feeders: { u: { rows: [ { id: 1 } ] } }\nrequests: [ '/a/${u.ids}' ]", 2, "and feeder 'u' has columns id; did you mean 'id'?")]
    [InlineData("feeders: { u: { rows: [ { id: 1 } ] } }\nrequests: [ '/a/${v.id}' ]", 2, "and the plan has no feeder 'v'; did you mean 'u'?")]
    [InlineData("flows:\n  f:\n  - '/a/${id}'\n  - { url: /b, extract: { id: $.id } }", 3, "it is extracted only later")]
    [InlineData("flows:\n  f:\n  - oneOf:\n    - { url: /b, extract: { id: $.id } }\n    - /c\n  - '/a/${id}'", 6, "it is extracted only later, on some ways")]
    [InlineData("flows:\n  f: [ { url: /b, extract: { id: $.id } } ]\nrequests:\n- '/a/${id}'", 4, "or in another flow")]
    [InlineData("requests:\n- url: /a\n  headers: { X: '${nope}' }", 3, "header X of request 'GET /a' uses '${nope}'")]
    [InlineData("requests:\n- url: /a\n  body: '${nope}'", 3, "body of request 'GET /a' uses '${nope}'")]
    [InlineData("http: 3\nrequests: [/a]", 1, "'http' is '3'; allowed: 1.1, 2")]
    [InlineData("cookies: maybe\nrequests: [/a]", 1, "'cookies' must be true or false; found 'maybe'")]
    [InlineData("redirects: 21\nrequests: [/a]", 1, "'redirects' must be a whole number from 0 to 20")]
    [InlineData("captureLimit: 1TB\nrequests: [/a]", 1, "'captureLimit' must be a size such as 1MB")]
    [InlineData("connections: { requestMax: 1 }\nrequests: [/a]", 1, "did you mean 'requestsMax'?")]
    [InlineData("requests: &r\n- *r", 1, "contains itself")]
    [InlineData("targets: [ { a: b } ]\nrequests: [/a]", 1, "a target must be text such as p95<150ms")]
    [InlineData("target2: x\nrequests: [/a]", 1, "unknown key 'target2' in the plan")]
    public void Read_Mistake_IsToldOnceWhereItStands(string yaml, int line, string expected) => PlanText.HasOneMistake(yaml, line, expected);

    [Fact]
    public void Read_ExtractedOnAllWays_IsKnownAfterTheChoice()
    {
        var plan = PlanText.Read("""
            flows:
              f:
                - oneOf:
                    - { url: /b, extract: { id: $.id } }
                    - { url: /c, extract: { id: { json: $.other, default: "0" } } }
                - "/a/${id}"
            """);
        Assert.Empty(plan.Validate());
    }

    [Fact]
    public void Read_CommonHeaderWithoutAValue_IsToldOnceForEachRequest()
    {
        var problems = PlanText.Problems("headers: { X: '${nope}' }\nrequests:\n- /a\n- /b");
        Assert.Equal(2, problems.Count);
    }

    /// <summary>What cannot follow from the other mistake is told beside it; what may, is not.</summary>
    [Theory]
    [InlineData("feeders: { f: { file: none.csv } }\nrequests: [ '/${f.a}', '/${id}' ]", "feeder file", "'${id}'")]
    [InlineData("vars: { id: [] }\nfeeders: { f: { rows: [ { a: 1 } ] } }\nrequests: [ '/${id}', '/${f.b}' ]", "variable 'id' must be text", "'${f.b}'")]
    [InlineData("setup: [ { url: /a, extract: { id: $..a } } ]\nrequests: [ '/${id}' ]", "can find several values")]
    [InlineData("requests: [ { url: /a, weight: 0 }, '/${id}' ]", "weight is 0", "'${id}'")]
    [InlineData("flows: { f: [ '/${id}' ] }\nscenarios: { s: { executor: constant-vus, vus: 0, duration: 1s } }", "'${id}'", "'vus' must be")]
    public void Read_VariableWithoutAValueBesideAnotherMistake_IsToldUnlessItMayFollow(string yaml, params string[] expected)
    {
        var problems = PlanText.Problems(yaml);
        Assert.Equal(expected.Length, problems.Count);
        Assert.All(problems.Zip(expected), pair => Assert.Contains(pair.Second, pair.First.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_Thresholds_BecomeTargets()
    {
        var plan = PlanText.Read("""
            requests: [ { name: chats, url: /a } ]
            thresholds:
              http_req_duration: [ "p(95)<500", { threshold: "p(99)<1500", abortOnFail: true, delayAbortEval: 10s } ]
              http_req_failed: rate<0.01
            """);
        Assert.Equal(["http_req_duration: p(95)<500", "http_req_duration: p(99)<1500", "http_req_failed: rate<0.01"], plan.Targets);
        Assert.Equal([new AbortingTarget("http_req_duration: p(99)<1500", TimeSpan.FromSeconds(10))], plan.AbortingTargets);
        Assert.Empty(plan.Validate());
    }

    [Fact]
    public void Read_AliasesThatBlowUp_AreRefused()
    {
        var bomb = new StringBuilder("x0: &x0 [ a, a, a, a, a, a, a, a, a, a ]\n");
        for (var i = 1; i < 9; i++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"x{i}: &x{i} [ {string.Join(", ", Enumerable.Repeat($"*x{i - 1}", 10))} ]\n");
        Assert.Contains(PlanText.Problems(bomb + "requests: [/a]"), problem => problem.Message.Contains("more than 1000000 values", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_BracketsWithoutEnd_AreRefused() =>
        Assert.Contains(PlanText.Problems("requests: " + new string('[', 100_000)), problem => problem.Message.Contains("nested deeper", StringComparison.Ordinal));

    [Fact]
    public void Read_AnyPartLeftOutOrDoubled_TellsItAndNeverThrowsElse()
    {
        const string whole = """
            target: http://127.0.0.1:1
            vars: { a: b }
            feeders: { u: { rows: [ { id: 1 } ] } }
            setup: [ { url: /login, extract: { t: $.t } } ]
            requests: [ { name: r, url: "/a/${u.id}", checks: [ { status: 200 } ], only: flows } ]
            flows: { f: { weight: 2, steps: [ { request: r }, { think: 1s }, { oneOf: [ /x, /y ] } ] } }
            scenarios: { s: { executor: ramping-vus, stages: [ { duration: 1s, target: 3 } ], thinkTime: { min: 1s, max: 2s } } }
            thresholds: { http_req_failed: [ rate<0.1 ] }
            """;
        var seed = Seed.Printed(TestContext.Current.TestOutputHelper!);
        var random = new Random(seed);
        for (var i = 0; i < 3_000; i++)
        {
            var (from, length) = (random.Next(whole.Length), random.Next(12));
            var text = random.Next(2) == 0 ? whole.Remove(from, Math.Min(length, whole.Length - from)) : whole.Insert(from, whole.Substring(from, Math.Min(length, whole.Length - from)));
            try
            {
                var plan = LoadPlanFile.Parse(text, "p", ".");
                Assert.Empty(plan.Validate());
            }
            catch (LoadPlanException)
            {
                // Told.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {i}:\n{text}\n{e}");
            }
        }
    }
}
