using System.Text;

namespace Headroom.Load.Tests.Plans;

public sealed class RequestReaderTests
{
    [Fact]
    public void Read_VariablesInUrl_StayInItAndInTheName()
    {
        var request = PlanText.Read("vars: { id: 7, q: x }\nrequests: [ \"/users/${id}/a?q=${q | url}#part\" ]").Requests[0];
        Assert.Equal("GET /users/${id}/a", request.Name);
        Assert.Equal("http://127.0.0.1:8080/users/${id}/a?q=${q | url}", request.Url.OriginalString);
    }

    [Theory]
    [InlineData("json: { a: '${v}', n: '${v | raw}', k: 1, t: \"\\\"$${x}\\\"\", q: '\"${v}$' }", BodyVariables.Json, "{\"a\":\"${v}\",\"n\":${v | raw},\"k\":1,\"t\":\"\\u0022${$}{x}\\u0022\",\"q\":\"\\u0022${v}${$}\"}")]
    [InlineData("json: { a: '$${x}' }", BodyVariables.None, "{\"a\":\"${x}\"}")]
    [InlineData("body: 'x=${v | url}'", BodyVariables.Text, "x=${v | url}")]
    [InlineData("body: '$${v}'", BodyVariables.None, "${v}")]
    public void Read_Body_HoldsVariables(string body, BodyVariables variables, string expected)
    {
        var request = PlanText.Read($"vars: {{ v: 1 }}\nrequests:\n- url: /a\n  {body}").Requests[0];
        Assert.Equal(expected, Encoding.UTF8.GetString(request.Body.Span));
        Assert.Equal(variables, request.BodyVariables);
    }

    [Fact]
    public void Read_BodyFile_HoldsVariablesOnlyWhenAsked()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.json", "{\"a\":\"${v}\"}");
        Assert.Equal(BodyVariables.None, PlanText.Read("requests:\n- { url: /a, bodyFile: b.json }", folder.Path).Requests[0].BodyVariables);
        Assert.Equal(BodyVariables.Json, PlanText.Read("vars: { v: 1 }\nrequests:\n- { url: /a, bodyFile: b.json, bodyVariables: json }", folder.Path).Requests[0].BodyVariables);
    }

    [Fact]
    public void Read_Extractions_OfEveryKind()
    {
        var extractions = PlanText.Read("""
            requests:
              - url: /a
                extract:
                  token: $.token
                  id: { json: "$['a b'][-1]" }
                  next: { header: Link, regex: '<(.*?)>' }
                  csrf: { regex: 'name="csrf" value="(.*?)"', default: "" }
            """).Requests[0].Extractions;
        Assert.Equal(
            [
                new Extraction { Variable = "token", Part = ResponsePart.Json, Selector = "$.token" },
                new Extraction { Variable = "id", Part = ResponsePart.Json, Selector = "$['a b'][-1]" },
                new Extraction { Variable = "next", Part = ResponsePart.Header, Selector = "Link", Regex = "<(.*?)>" },
                new Extraction { Variable = "csrf", Part = ResponsePart.Body, Regex = "name=\"csrf\" value=\"(.*?)\"", Default = "" },
            ],
            extractions);
    }

    [Theory]
    [InlineData("status: 200", "status is 200", ResponsePart.Status, CheckOperator.Equals, "200")]
    [InlineData("status: [ 200, 3XX ]", "status is 200 or 3XX", ResponsePart.Status, CheckOperator.Equals, "200|3xx")]
    [InlineData("header: Content-Type, contains: json", "header Content-Type contains json", ResponsePart.Header, CheckOperator.Contains, "json")]
    [InlineData("header: ETag", "header ETag is there", ResponsePart.Header, CheckOperator.Exists, "")]
    [InlineData("bodyContains: ok", "body contains ok", ResponsePart.Body, CheckOperator.Contains, "ok")]
    [InlineData("bodyMatches: '^\\d+$'", "body matches ^\\d+$", ResponsePart.Body, CheckOperator.Matches, "^\\d+$")]
    [InlineData("json: $.ok, equals: true", "$.ok is true", ResponsePart.Json, CheckOperator.Equals, "true")]
    [InlineData("json: $.ok, exists: true", "$.ok is there", ResponsePart.Json, CheckOperator.Exists, "")]
    [InlineData("json: $.n, atLeast: 5", "$.n >= 5", ResponsePart.Json, CheckOperator.AtLeast, "5")]
    [InlineData("json: $.s, notEquals: [ a, b ], name: mine", "mine", ResponsePart.Json, CheckOperator.NotEquals, "a|b")]
    [InlineData("size: '<10KB'", "size < 10KB", ResponsePart.Size, CheckOperator.Below, "10000")]
    [InlineData("size: '>= 1KiB'", "size >= 1KiB", ResponsePart.Size, CheckOperator.AtLeast, "1024")]
    [InlineData("duration: '<=200ms'", "duration <= 200ms", ResponsePart.Duration, CheckOperator.AtMost, "200")]
    public void Read_Check_HasANameThatReads(string check, string name, ResponsePart part, CheckOperator @operator, string operands)
    {
        var read = Assert.Single(PlanText.Read($"requests:\n- url: /a\n  checks: [ {{ {check} }} ]").Requests[0].Checks);
        Assert.Equal((name, part, @operator, operands), (read.Name, read.Part, read.Operator, string.Join('|', read.Operands)));
    }

    [Fact]
    public void Read_RestOfARequest_IsRead()
    {
        var request = PlanText.Read("requests:\n- { url: /a, tags: { area: read }, timeout: 2s, events: 5 }").Requests[0];
        Assert.Equal(("read", 2.0, 5), (request.Tags["area"], request.Timeout!.Value.TotalSeconds, request.EventsMax));
    }

    [Theory]
    [InlineData("url: 'http://${h}/a'", "'http://${h}' has a variable in scheme, host or port")]
    [InlineData("url: '${base}/a'", "'${base}' has a variable in scheme, host or port")]
    [InlineData("url: '/a/${b'", "url of request 'GET /a/${b': '${b' has no closing brace")]
    [InlineData("url: '/a/${b | upper}'", "is not a filter; allowed: raw, url, json, base64")]
    [InlineData("url: /a, headers: { X: '${}' }", "'${}' names no variable")]
    [InlineData("url: /a, json: { b: '${c d}' }", "'c d' cannot name a variable")]
    [InlineData("url: /a, bodyVariables: json", "unknown key 'bodyVariables'")]
    [InlineData("url: /a, events: 0", "'events' must be a whole number from 1")]
    [InlineData("url: /a, timeout: 0s", "'timeout' must be a duration")]
    [InlineData("url: /a, tags: { 'a b': c }", "tag 'a b' of request 'GET /a' cannot be selected")]
    [InlineData("url: /a, only: me", "'only' is 'me'; allowed: flows")]
    [InlineData("url: /a, extract: { t: { } }", "says not where the value is")]
    [InlineData("url: /a, extract: { t: $..a }", "can find several values")]
    [InlineData("url: /a, extract: { t: { json: $.a, header: B } }", "'json' and 'header' are both given")]
    [InlineData("url: /a, extract: { t: { regex: '(' } }", "regular expression '(' is not valid")]
    [InlineData("url: /a, extract: { '1t': $.a }", "'1t' cannot name a variable")]
    [InlineData("url: /a, extract: { vu: $.a }", "'vu' stands for something else already")]
    [InlineData("url: /a, checks: [ { } ]", "says not what it looks at; write one of: status,")]
    [InlineData("url: /a, checks: [ { status: 200, size: '<1KB' } ]", "'status' and 'size' are both given; write a check for each")]
    [InlineData("url: /a, checks: [ { status: 99 } ]", "status is '99'; write a code from 100 to 599")]
    [InlineData("url: /a, checks: [ { status: [ ] } ]", "'status' is an empty list")]
    [InlineData("url: /a, checks: [ { json: a, equals: 1 } ]", "does not begin with $")]
    [InlineData("url: /a, checks: [ { json: $.a, above: x } ]", "compares sizes with 'x', which is not a number")]
    [InlineData("url: /a, checks: [ { json: $.a, above: 1, below: 3 } ]", "compares $.a twice")]
    [InlineData("url: /a, checks: [ { json: $.a, equals: null } ]", "'equals' is null")]
    [InlineData("url: /a, checks: [ { json: $.a, equals: { b: 1 } } ]", "'equals' must be text or a list of texts; found a mapping")]
    [InlineData("url: /a, checks: [ { json: $.a, equals: '${b}' } ]", "'equals' compares with fixed text")]
    [InlineData("url: /a, checks: [ { bodyMatches: '[' } ]", "regular expression '[' is not valid")]
    [InlineData("url: /a, checks: [ { size: 10KB } ]", "'size' is '10KB'; write a comparison")]
    [InlineData("url: /a, checks: [ { duration: '<200' } ]", "and a time, such as '<200ms'")]
    [InlineData("url: /a, checks: [ { status: 200, equals: 3 } ]", "'equals' goes with 'header' and 'json'")]
    [InlineData("url: /a, checks: { status: 200 }", "'checks' must be a list; found a mapping")]
    [InlineData("url: /a, wieght: 2", "unknown key 'wieght' in a request; allowed:")]
    public void Read_Mistake_IsToldOnceWhereItStands(string request, string expected) => PlanText.HasOneMistake($"requests:\n- {{ {request} }}", 2, expected);
}
