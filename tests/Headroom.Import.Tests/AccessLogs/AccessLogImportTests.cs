using System.Globalization;
using Headroom.Load;

namespace Headroom.Import.Tests.AccessLogs;

/// <summary>Logs of servers as they write them.</summary>
public sealed class AccessLogImportTests(ITestOutputHelper output)
{
    [Fact]
    public void AccessLog_Combined_IsWeightedRequestsAtTheirTimes()
    {
        var lines = new List<string>();
        for (var index = 0; index < 60; index++)
        {
            var time = $"31/Jan/2026:12:00:{index:00} +0100";
            lines.Add($"192.0.2.1 - - [{time}] \"GET /api/users/{index % 7}/orders?page={index % 3}&size=20 HTTP/1.1\" 200 512 \"-\" \"curl/8.0\"");
            lines.Add($"192.0.2.1 - mia [{time}] \"GET /api/users/me HTTP/2.0\" 200 10");
            if (index % 10 == 0)
                lines.Add($"192.0.2.1 - - [{time}] \"POST /api/orders HTTP/1.1\" 201 5 \"-\" \"-\"");
        }

        lines.Add("192.0.2.9 - - [31/Jan/2026:12:00:30 +0100] \"GET /wp-login.php HTTP/1.1\" 404 5 \"-\" \"-\"");
        lines.Add("192.0.2.9 - - [31/Jan/2026:12:00:30 +0100] \"GET /logo.png HTTP/1.1\" 200 5 \"-\" \"-\"");
        lines.Add("192.0.2.9 - - [31/Jan/2026:12:00:30 +0100] \"\\x16\\x03\\x01\" 400 0 \"-\" \"-\"");
        lines.Add("garbage");
        var imported = PlanImport.AccessLog(lines, Imported.Options("access.log"));

        var plan = Imported.Read(imported);
        Assert.Equal(["GET /api/users/{id}/orders?page&size", "GET /api/users/me"], plan.Requests.Select(static request => request.Name));
        Assert.EndsWith("  # - name: POST /api/orders\n  #   method: POST\n  #   url: /api/orders\n  #   weight: 6\n", imported.Yaml[..imported.Yaml.IndexOf("scenarios", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Equal([60, 60], plan.Requests.Select(static request => request.Weight));
        Assert.EndsWith("/api/users/${api_users_orders.user_id | raw}/orders?page=${api_users_orders.page | raw}&size=20", Uri.UnescapeDataString(plan.Requests[0].Url.OriginalString), StringComparison.Ordinal);
        Assert.Equal(60, plan.Feeders.Single().Rows.Count);
        Assert.Equal(ExecutorKind.Replay, plan.Scenarios.Single().Executor);
        Assert.Equal(120, plan.Scenarios.Single().Arrivals.Count);
        Assert.Equal(59.5, plan.Scenarios.Single().Arrivals[^1].TotalSeconds, 3);
        Assert.Equal("""
            access.log:129: 2 lines, this the first, in which there is no request
            access.log: 1 requests for pictures, fonts, styles and scripts; --assets takes them too
            access.log: 1 requests that were answered 404
            access.log: 6 times POST /api/orders: a log has no bodies; it stands in a comment, to be given one
            """, Imported.LeftOut(imported));
    }

    [Theory]
    [InlineData("""Jan 31 12:00:00 web nginx[712]: 192.0.2.1 - - [31/Jan/2026:12:00:00 +0100] "GET /a HTTP/1.1" 200 1""")]
    [InlineData("""[2001:db8::1] - - [31/Jan/2026:12:00:00 +0100] "GET /a HTTP/1.1" 200 1""")]
    [InlineData("""[api] 192.0.2.1 - - [31/Jan/2026:12:00:00 +0100] "GET /a[1] HTTP/1.1" 200 1 "-" "[2026]" """)]
    public void AccessLog_BracketsBeforeTheTime_AreNotTheTime(string line) =>
        Assert.Contains("# 2 requests over 00:00:00, from 2026-01-31 12:00:00 +01:00", PlanImport.AccessLog([line, line], Imported.Options("access.log")).Yaml, StringComparison.Ordinal);

    [Fact]
    public void AccessLog_PathsThatReadLikeAnotherServers_AreLeftOutAndTold()
    {
        const string Line = "192.0.2.1 - - [31/Jan/2026:12:00:00 +0100] \"GET {0} HTTP/1.1\" 200 1";
        var imported = PlanImport.AccessLog([Line.Replace("{0}", "//a/b", StringComparison.Ordinal), Line.Replace("{0}", "/a//b", StringComparison.Ordinal)], Imported.Options("access.log"));

        Assert.Equal("http://127.0.0.1:8080/a//b", Assert.Single(Imported.Read(imported).Requests).Url.OriginalString);
        Assert.Contains("1 requests whose path begins with two slashes", Imported.LeftOut(imported), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"time_iso8601":"2026-01-31T12:00:00+01:00","request_method":"GET","request_uri":"/a?b=1","status":"200"}""", "GET", "/a?b=1", 200, "2026-01-31T11:00:00Z")]
    [InlineData("""{"level":"info","ts":1769857200.25,"request":{"method":"GET","host":"h","uri":"/a"},"status":204}""", "GET", "/a", 204, "2026-01-31T11:00:00.25Z")]
    [InlineData("""{"StartUTC":"2026-01-31T11:00:00Z","RequestMethod":"POST","RequestPath":"/a","DownstreamStatus":500}""", "POST", "/a", 500, "2026-01-31T11:00:00Z")]
    [InlineData("""{"@timestamp":"2026-01-31T11:00:00Z","method":"get","url":"https://h/x/y?z#f","status_code":200}""", "GET", "/x/y?z", 200, "2026-01-31T11:00:00Z")]
    [InlineData("""{"level":30,"time":1769857200000,"req":{"id":1,"method":"GET","url":"/a?b=1"},"res":{"statusCode":200},"responseTime":4}""", "GET", "/a?b=1", 200, "2026-01-31T11:00:00Z")]
    [InlineData("""{"time":0.004,"ts":1769857200,"method":"GET","path":"/a","status":200}""", "GET", "/a", 200, "2026-01-31T11:00:00Z")]
    [InlineData("""{"time":1769857200000,"request":"GET /r HTTP/1.1","status":200}""", "GET", "/r", 200, "2026-01-31T11:00:00Z")]
    [InlineData("h:443 ::1 - - [31/Jan/2026:12:00:00 +0100] \"GET /q\\\"uote\\x20x HTTP/1.1\" 200 1", "GET", "/q\"uote%20x", 200, "2026-01-31T11:00:00Z")]
    public void AccessLog_LineOfAnyServer_IsRead(string line, string method, string path, int status, string time)
    {
        var read = Import.AccessLogs.LogLine.Parse(line);

        Assert.NotNull(read);
        Assert.Equal((method, path, status), (read.Method, read.Path, read.Status));
        Assert.Equal(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), read.Time);
    }

    [Fact]
    public void AccessLog_InAnotherCulture_IsTheSame()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("th-TH");
            AccessLog_Combined_IsWeightedRequestsAtTheirTimes();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void AccessLog_ManyNamesAtOnePlace_AreIdsAndFrequentOnesNames()
    {
        var lines = Enumerable.Range(0, 400).Select(static index => $"- - - [31/Jan/2026:12:00:00 +0000] \"GET /blog/{(index % 4 == 0 ? "latest" : $"post-{(char)('a' + (index % 20))}{(char)('a' + (index / 20))}x")} HTTP/1.1\" 200 1");
        var plan = Imported.Read(PlanImport.AccessLog(lines, Imported.Options("x")));

        Assert.Equal(["GET /blog/{id}", "GET /blog/latest"], plan.Requests.Select(static request => request.Name));
        Assert.Equal([300, 100], plan.Requests.Select(static request => request.Weight));
    }

    [Fact]
    public void AccessLog_ValuesInFeeders_AreAsFrequentAsTheyWere()
    {
        var lines = Enumerable.Range(0, 30_000).Select(static index => $"- - - [31/Jan/2026:12:00:00 +0000] \"GET /items/{(index % 3 == 0 ? 1 : 1000 + index)} HTTP/1.1\" 200 1");
        var plan = Imported.Read(PlanImport.AccessLog(lines, Imported.Options("x")));

        var rows = plan.Feeders.Single().Rows;
        Assert.InRange(rows.Count, 900, 1001);
        Assert.InRange(rows.Count(static row => row[0] == "1") / (double)rows.Count, 0.32, 0.35);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing of interest\n{\"a\":1}")]
    public void AccessLog_WithoutARequest_SaysWhatIsRead(string text) =>
        Assert.Contains("read are the common and combined forms, and JSON objects", Assert.Throws<ImportException>(() => PlanImport.AccessLog(text.Split('\n'), Imported.Options("x"))).Message, StringComparison.Ordinal);

    [Fact]
    public void AccessLog_AnyText_IsAPlanThatReadsOrAnImportException() => Sources.AreReadOrRefused(
        output,
        ["- - - [31/Jan/2026:12:00:00 +0000] \"GET /a HTTP/1.1\" 200 1\n", "[", "]", "\"", "GET /", "${x}", "?a=b&a", "\\x", "{\"method\":\"GET\",\"path\":\"/", "\"}", "\n", " 200", "%", "ü", "//", "=&=", "[31/Jan/2026:12:00:00 +0000] \"GET /"],
        static text => PlanImport.AccessLog(text.Split('\n'), Imported.Options("x")));
}
