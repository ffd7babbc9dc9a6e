namespace Headroom.Load.Tests.Plans;

public sealed class FlowReaderTests
{
    [Fact]
    public void Read_StepsOfEveryKind_AreInOrder()
    {
        var plan = PlanText.Read("""
            requests:
              - { name: open chat, url: "/chats/${id}", only: flows }
              - /alone
            flows:
              browse:
                weight: 3
                steps:
                  - url: /chats
                    extract: { id: "$.items[0].id" }
                  - think: { min: 1s, max: 3s }
                  - request: open chat
                  - oneOf:
                      - { weight: 3, request: open chat }
                      - { url: /search, weight: 2 }
                      - { weight: 1, steps: [ /a, { think: 1s }, /b ] }
                      - /plain
              short: [ /a ]
            """);
        Assert.Equal(["GET /alone"], plan.Requests.Select(request => request.Name));
        Assert.Equal([("browse", 3.0), ("short", 1.0)], plan.Flows.Select(flow => (flow.Name, flow.Weight)));
        var steps = plan.Flows[0].Steps;
        Assert.Equal(["id"], Assert.IsType<RequestStep>(steps[0]).Request.Extractions.Select(extraction => extraction.Variable));
        Assert.Equal(ThinkTimeKind.Uniform, Assert.IsType<ThinkStep>(steps[1]).Time.Kind);
        Assert.Equal("open chat", Assert.IsType<RequestStep>(steps[2]).Request.Name);
        Assert.EndsWith("/chats/${id}", Assert.IsType<RequestStep>(steps[2]).Request.Url.OriginalString, StringComparison.Ordinal);
        var choice = Assert.IsType<ChoiceStep>(steps[3]);
        Assert.Equal([3.0, 2.0, 1.0, 1.0], choice.Ways.Select(way => way.Weight));
        Assert.Equal([1, 1, 3, 1], choice.Ways.Select(way => way.Steps.Count));
        Assert.Empty(plan.Validate());
    }

    [Theory]
    [InlineData("f: []", 2, "flow 'f' has no steps")]
    [InlineData("f: { steps: [ /a ], weight: 0 }", 2, "weight is 0; it must be above 0")]
    [InlineData("f: { step: [ /a ] }", 2, "flow 'f' has no 'steps'", "unknown key 'step' in flow 'f'; allowed: weight, steps; did you mean 'steps'?")]
    [InlineData("f: [ { think: 1s } ]", 2, "flow 'f' sends no request")]
    [InlineData("f: [ /a, { think: soon } ]", 2, "'think' must be a duration")]
    [InlineData("f: [ /a, { request: bb } ]", 2, "'bb' is not one of 'requests'; did you mean 'b'?; write the request here")]
    [InlineData("f: [ { request: b, weight: 3 } ]", 2, "'weight' goes with a way of 'oneOf'")]
    [InlineData("f: [ { url: /a, weight: 3 } ]", 2, "'weight' goes with an entry of 'requests'")]
    [InlineData("f: [ { oneOf: [ /a ] } ]", 2, "'oneOf' needs at least two ways")]
    [InlineData("f: [ { oneOf: [ { weight: -1, steps: [ /a ] }, /b ] } ]", 2, "weight is -1; it must be above 0")]
    [InlineData("f: 5", 2, "flow 'f' must be a mapping of keys to values; found '5'")]
    public void Read_Mistake_IsToldWhereItStands(string flow, int line, params string[] expected)
    {
        var problems = PlanText.Problems($"flows:\n  {flow}\nrequests: [ {{ name: b, url: /b }} ]");
        Assert.Equal(expected.Length, problems.Count);
        Assert.All(problems.Zip(expected), pair => Assert.Contains(pair.Second, pair.First.Message, StringComparison.Ordinal));
        Assert.All(problems, problem => Assert.Equal(line + 1, problem.Line));
    }

    [Fact]
    public void Read_RequestForFlowsThatNoFlowSends_IsRefused() =>
        PlanText.HasOneMistake("requests:\n  - { name: a, url: /a, only: flows }\nflows: { f: [ /b ] }", 2, "request 'a' is for flows only, and no flow sends it");

    [Fact]
    public void Read_WeightWithOnlyFlows_IsRefused() =>
        PlanText.HasOneMistake("requests:\n  - { name: a, url: /a, only: flows, weight: 2 }\nflows: { f: [ request: a ] }", 2, "'weight' does not go with 'only: flows'");

    [Fact]
    public void Read_FlowAndRequestOfOneName_AreRefused() =>
        PlanText.HasOneMistake("requests: [ { name: a, url: /a } ]\nflows: { a: [ /b ] }", 0, "'a' names a flow and a request");
}
