using System.Globalization;
using System.Text;

namespace Headroom.Load.Tests.Plans;

public sealed class LoadPlanFileTests
{
    private const string Whole = """
        name: whole
        target: http://127.0.0.1:8080/base
        headers:
          Accept: application/json
        warmup: 2s
        timeout: 5s
        connectTimeout: 250ms
        gracefulStop: 1m30s
        seed: 7
        requests:
          - /plain
          - name: list
            url: /list?x=1
            weight: 2.5
            headers: { accept: text/plain, X-One: '1' }
          - name: create
            url: http://127.0.0.1:9090/items
            method: post
            json: { n: 1, x: 1.5, on: true, none: null, text: "1", list: [a, 2] }
          - name: raw
            url: /raw
            method: PUT
            body: "ä"
        scenarios:
          steady:
            executor: constant-vus
            vus: 12
            duration: 30s
          burst:
            executor: constant-arrival-rate
            rate: 600
            timeUnit: 1m
            preAllocatedVUs: 5
            duration: 10s
            startTime: 32s
            requests: [ list, create ]
        targets: [ 'p95<150ms', "errors<0.1%" ]
        """;

    [Fact]
    public void Parse_WholePlan_ReadsEverything()
    {
        var plan = LoadPlanFile.Parse(Whole, "plan.yaml", ".");
        Assert.Equal("whole", plan.Name);
        Assert.Equal((5.0, 0.25, 90.0, 7), (plan.Timeout.TotalSeconds, plan.ConnectTimeout.TotalSeconds, plan.GracefulStop.TotalSeconds, plan.Seed));
        Assert.Equal(["GET /base/plain", "list", "create", "raw"], plan.Requests.Select(request => request.Name));
        Assert.Equal("http://127.0.0.1:8080/base/list?x=1", plan.Requests[1].Url.ToString());
        Assert.Equal([("accept", "text/plain"), ("X-One", "1")], plan.Requests[1].Headers);
        Assert.Equal(2.5, plan.Requests[1].Weight);
        Assert.Equal("POST", plan.Requests[2].Method);
        Assert.Equal("""{"n":1,"x":1.5,"on":true,"none":null,"text":"1","list":["a",2]}""", Encoding.UTF8.GetString(plan.Requests[2].Body.Span));
        Assert.Contains(("Content-Type", "application/json"), plan.Requests[2].Headers);
        Assert.Equal("ä"u8.ToArray(), plan.Requests[3].Body.ToArray());
        var (steady, burst) = (plan.Scenarios[0], plan.Scenarios[1]);
        Assert.Equal((ExecutorKind.ConstantVus, 12, 2.0, 30.0), (steady.Executor, steady.Connections, steady.WarmUp.TotalSeconds, steady.Duration.TotalSeconds));
        Assert.Equal((ExecutorKind.ConstantArrivalRate, 5, 10.0, 32.0, 0.0), (burst.Executor, burst.Connections, burst.RatePerSecond, burst.StartTime.TotalSeconds, burst.WarmUp.TotalSeconds));
        Assert.Equal(["list", "create"], burst.Requests);
        Assert.Equal(["p95<150ms", "errors<0.1%"], plan.Targets);
    }

    [Fact]
    public void Parse_Json_IsAPlanToo()
    {
        var plan = LoadPlanFile.Parse(
            "{\n\t\"target\": \"http://127.0.0.1:1\",\n\t\"requests\": [ { \"url\": \"/a\", \"json\": { \"t\": \"\\u00e4\\n\" } } ],\n\t\"scenarios\": { \"s\": { \"executor\": \"constant-vus\", \"vus\": 1, \"duration\": \"1s\" } }\n}",
            "plan.json",
            ".");
        Assert.Equal("{\"t\":\"\\u00E4\\n\"}", Encoding.UTF8.GetString(plan.Requests[0].Body.Span));
    }

    [Theory]
    [InlineData("", "plan.yaml:1:1: the file is empty")]
    [InlineData("- a", "plan.yaml:1:1: the plan must be a mapping")]
    [InlineData("target: [", "plan.yaml:2:1: not valid YAML")]
    [InlineData("target: 'open", "not valid YAML")]
    [InlineData("a: 1\na: 2", "not valid YAML or JSON")]
    [InlineData("target: http://127.0.0.1:1", "plan.yaml:1:1: the plan has no 'requests'")]
    [InlineData("requests: [/a]", "plan.yaml:1:12: url '/a' is relative and the plan has no usable 'target'")]
    [InlineData("target: 127.0.0.1\nrequests: [/a]", "plan.yaml:1:9: '127.0.0.1' is not an http address; write the scheme too: http://127.0.0.1")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, weight: 0 }", "plan.yaml:3:22: weight is 0; it must be above 0")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, weight: many }", "'weight' must be a number; found 'many'")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, body: x, bodyFile: y }", "'body' and 'bodyFile' are both given; keep one")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, bodyFile: no-such-file }", "bodyFile 'no-such-file' cannot be read")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, headers: { 'X Y': 1 } }", "header name 'X Y' is not a token")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, headers: { X: \"a\\r\\nB: c\" } }", "has a control character")]
    [InlineData("target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-vus, rate: 5, duration: 1s } }", "'rate' does not go with executor 'constant-vus'")]
    [InlineData("target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-arrival-rate, rate: -5, duration: 1s } }", "rate is '-5'; write arrivals per second above 0")]
    [InlineData("target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-arrival-rate, duration: 1s } }", "scenario 's' has no 'rate'")]
    [InlineData("target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-vus, duration: 0s } }", "duration must be above 0")]
    [InlineData("target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-vus, duration: 1s, requests: [b] } }", "plan.yaml:3:67: scenario 's' sends 'b', which is not a request of the plan")]
    [InlineData("target: http://127.0.0.1:1\nrequests:\n- { url: /a, method: 'GE T' }", "plan.yaml:3:22: method 'GE T' of request 'GE T /a' is not an HTTP method")]
    [InlineData("target: http://127.0.0.1:1\ntimeout: 2h\nrequests: [/a]", "plan.yaml:2:10: 'timeout' must be a duration with its unit")]
    [InlineData("target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: constant-arrival-rate, rate: 99999999, duration: 1s } }", "plan.yaml:3:17: scenario 's' has a rate of 99999999/s")]
    public void Parse_Mistake_SaysWhereAndWhatToWrite(string yaml, string expected)
    {
        var e = Assert.Throws<LoadPlanException>(() => LoadPlanFile.Parse(yaml, "plan.yaml", "."));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_MistakesOfEveryKind_AreToldTogetherOnce()
    {
        var e = Assert.Throws<LoadPlanException>(() => LoadPlanFile.Parse(
            "target: http://127.0.0.1:1\nnonsense: 1\ntimeout: 2h\nrequests:\n- { name: a, method: 'GE T', url: /a }\n- { name: b }\nscenarios: { s: { executor: constant-vus, duration: 0s, requests: [a, b, chatz] } }",
            "plan.yaml",
            "."));
        Assert.Equal([2, 3, 5, 6, 7, 7], e.Problems.Select(problem => problem.Line));
        Assert.All(e.Problems, problem => Assert.True(problem.Column > 0));
    }

    [Fact]
    public void Parse_NumbersAndTimes_AreReadTheSameInEveryCulture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            var plan = LoadPlanFile.Parse("target: http://127.0.0.1:1\nrequests:\n- { url: /a, weight: 1.5 }\nscenarios: { s: { executor: constant-vus, duration: 1.5s } }", "p", ".");
            Assert.Equal(1.5, plan.Requests[0].Weight);
            Assert.Equal(1.5, plan.Scenarios[0].Duration.TotalSeconds);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
