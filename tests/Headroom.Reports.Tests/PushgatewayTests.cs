using System.Diagnostics;
using System.Text;
using Headroom.Measurements;
using Headroom.Reports.Tests.Prometheus;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class PushgatewayTests
{
    private static readonly Uri Gateway = new("http://127.0.0.1:9091");

    [Theory]
    [InlineData("http://h:9091", "headroom", "http://h:9091/metrics/job/headroom")]
    [InlineData("http://h:9091/", "nightly run", "http://h:9091/metrics/job/nightly%20run")]
    [InlineData("https://h/push/", "a", "https://h/push/metrics/job/a")]
    [InlineData("http://h:9091", "feature/x", "http://h:9091/metrics/job@base64/ZmVhdHVyZS94")]
    [InlineData("http://h:9091", "..", "http://h:9091/metrics/job@base64/Li4")]
    [InlineData("http://h:9091", "ü?#", "http://h:9091/metrics/job/%C3%BC%3F%23")]
    public void Group_Job_IsEscapedOrInBase64(string gateway, string job, string expected) =>
        Assert.Equal(expected, Pushgateway.Group(new Uri(gateway), job, []).AbsoluteUri);

    [Fact]
    public void Group_Labels_FollowTheJob() =>
        Assert.Equal("http://127.0.0.1:9091/metrics/job/j/instance/ci-1/branch@base64/YS9i/empty@base64/=", Pushgateway.Group(Gateway, "j", [("instance", "ci-1"), ("branch", "a/b"), ("empty", "")]).AbsoluteUri);

    [Theory]
    [InlineData("", "is not a label name")]
    [InlineData("1a", "is not a label name")]
    [InlineData("a-b", "is not a label name")]
    [InlineData("ä", "is not a label name")]
    [InlineData("job", "own option")]
    [InlineData("__name__", "two underscores")]
    public void CheckLabel_NameThatPrometheusRefuses_SaysWhy(string name, string expected)
    {
        Assert.Contains(expected, Pushgateway.CheckLabel(name), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Pushgateway.Group(Gateway, "j", [(name, "x")]));
    }

    [Fact]
    public void Group_LabelTwice_IsRefused() => Assert.Throws<ArgumentException>(() => Pushgateway.Group(Gateway, "j", [("a", "1"), ("a", "2")]));

    [Fact]
    public async Task PushAsync_Gateway_GetsThePrometheusTextByPut()
    {
        var seen = new StringBuilder();
        await using var server = new ScriptedServer(async conversation =>
        {
            seen.Append(await conversation.ReadRequestAsync());
            await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });

        await Pushgateway.PushAsync(Pushgateway.Group(server.Url, "j", []), SampleRuns.OneSecond, Token);

        Assert.StartsWith("PUT /metrics/job/j HTTP/1.1\r\n", seen.ToString(), StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", seen.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(PrometheusText.Render(SampleRuns.OneSecond), seen.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 22\r\n\r\ntext format \u001b[31mwrong", "the Pushgateway answered 400 Bad Request: text format \\u{1B}[31mwrong")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "the Pushgateway answered 404 Not Found")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", "the Pushgateway answered 302 Found to http://elsewhere/; write that address, if it is the right one")]
    public async Task PushAsync_Refusal_IsToldInOneSentence(string answer, string expected)
    {
        await using var server = ScriptedServer.Always(answer);
        var refused = await Assert.ThrowsAsync<PushgatewayException>(() => Push(server.Url));
        Assert.Equal(expected, refused.Message);
    }

    [Fact]
    public async Task PushAsync_EndlessAnswer_ReadsOnlyItsBeginning()
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 500 Broken\r\nContent-Length: 100000000\r\n\r\n");
            while (true)
                await conversation.SendAsync(new string('x', 10_000));
        });
        var refused = await Assert.ThrowsAsync<PushgatewayException>(() => Push(server.Url));
        Assert.InRange(refused.Message.Length, 2_000, 2_100);
    }

    [Fact]
    public async Task PushAsync_NobodyListening_SaysSo()
    {
        var refused = await Assert.ThrowsAsync<PushgatewayException>(() => Push(new Uri($"http://127.0.0.1:{FreePort.Next()}/")));
        Assert.Contains("could not be reached: Connection refused", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAsync_NoAnswer_GivesUp()
    {
        await using var server = new ScriptedServer(conversation => conversation.ReadRequestAsync().ContinueWith(_ => Task.Delay(TimeSpan.FromMinutes(1), Token), TaskScheduler.Default).Unwrap());
        var late = await Assert.ThrowsAsync<PushgatewayException>(() => Pushgateway.PushAsync(Pushgateway.Group(server.Url, "j", []), SampleRuns.OneSecond, TimeSpan.FromMilliseconds(300), Token));
        Assert.Equal("the Pushgateway did not answer within 0.3 s", late.Message);
    }

    [Fact]
    public async Task PushAsync_ConnectionThatBreaks_SaysSo()
    {
        await using var server = new ScriptedServer(async conversation => await conversation.ReadRequestAsync());
        var broken = await Assert.ThrowsAsync<PushgatewayException>(() => Push(server.Url));
        Assert.Contains("the Pushgateway could not be reached", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAsync_RealPushgateway_ShowsTheLastRunOfEachGroup()
    {
        await using var gateway = await PushgatewayProcess.StartAsync();
        await Pushgateway.PushAsync(Pushgateway.Group(gateway.Url, "nightly", [("branch", "feature/x")]), SampleRuns.Eventful, Token);
        await Pushgateway.PushAsync(Pushgateway.Group(gateway.Url, "nightly", [("branch", "feature/x")]), SampleRuns.OneSecond, Token);
        await Pushgateway.PushAsync(Pushgateway.Group(gateway.Url, "other", []), SampleRuns.Hostile, Token);

        var scraped = await gateway.ScrapeAsync();
        Assert.Contains($"headroom_run_requests{{branch=\"feature/x\",instance=\"\",job=\"nightly\"}} {SampleRuns.OneSecond.Summary.Requests}\n", scraped, StringComparison.Ordinal);
        Assert.Contains($"headroom_run_requests{{instance=\"\",job=\"other\"}} {SampleRuns.Hostile.Summary.Requests}\n", scraped, StringComparison.Ordinal);
        Assert.DoesNotContain("hit-rate", scraped, StringComparison.Ordinal);
        Assert.Equal(2, scraped.Split('\n').Count(line => line.StartsWith("headroom_run_info{", StringComparison.Ordinal)));
    }

    /// <summary>A label of the group takes the place of the metrics' own, which may make two series one: the gateway refuses, and its reason is told.</summary>
    [Fact]
    public async Task PushAsync_RealPushgateway_RefusesALabelThatMergesSeries()
    {
        await using var gateway = await PushgatewayProcess.StartAsync();
        var refused = await Assert.ThrowsAsync<PushgatewayException>(() => Pushgateway.PushAsync(Pushgateway.Group(gateway.Url, "j", [("endpoint", "x")]), SampleRuns.Eventful, Token));
        Assert.Contains("400 Bad Request", refused.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task Push(Uri gateway) => Pushgateway.PushAsync(Pushgateway.Group(gateway, "j", []), SampleRuns.OneSecond, Token);
}
