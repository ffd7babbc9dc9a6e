using System.Collections.Concurrent;
using System.Text;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>Bytes that two parties could read as different messages, from a client and from an upstream: the gateway refuses them, and nothing is left over for the next.</summary>
public sealed class SmugglingTests
{
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

    // Guard: the server's parser. Each row was answered with 200 by a parser that takes the last length, or that takes any white space.
    public static TheoryData<string, string> Requests => new()
    {
        { "two-content-lengths", $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}" },
        { "content-length-list", $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, {Hidden.Length}\r\n\r\n{Hidden}" },
        { "content-length-plus", $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +{Hidden.Length}\r\n\r\n{Hidden}" },
        { "content-length-vertical-tab", $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \v{Hidden.Length}\r\n\r\n{Hidden}" },
        { "content-length-hex", $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n{Hidden}" },
        { "chunked-not-last", $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{Hidden}" },
        { "chunked-twice", $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{Hidden}" },
        { "chunked-misspelt", $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{Hidden}" },
        { "space-before-colon", $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : {Hidden.Length}\r\n\r\n{Hidden}" },
        { "folded-line", $"POST / HTTP/1.1\r\nHost: a\r\nFoo: b\r\n Content-Length: {Hidden.Length}\r\n\r\n{Hidden}" },
        { "bare-cr-in-value", $"GET / HTTP/1.1\r\nHost: a\r\nFoo: b\rBar: c\r\n\r\n{Hidden}" },
        { "null-in-value", $"GET / HTTP/1.1\r\nHost: a\r\nFoo: b\0c\r\n\r\n{Hidden}" },
        { "null-in-name", $"GET / HTTP/1.1\r\nHost: a\r\nFo\0o: b\r\n\r\n{Hidden}" },
        { "two-hosts", $"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n{Hidden}" },
        { "no-host", $"GET / HTTP/1.1\r\nFoo: b\r\n\r\n{Hidden}" },
        { "absolute-form-of-other-host", $"GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n{Hidden}" },
        { "chunk-size-negative", $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n{Hidden}" },
        { "chunk-size-overflow", $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n{Hidden}" },
        { "chunk-without-end", $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n{Hidden}" },
    };

    [Fact]
    public async Task Forward_LengthBesideChunked_TakesTheLengthAwayAndReadsNothingBehind()
    {
        var requests = new List<string>();
        await using var recorded = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } text)
            {
                lock (requests)
                    requests.Add(text);
                await conversation.SendAsync(ScriptedServer.Ok("answer"));
            }
        });
        await using var gateway = await GatewayServer.StartAsync(recorded.Url);

        // The client leaves its side open, so that it is the gateway that ends the connection.
        await using var connection = await gateway.ConnectAsync();
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}");
        var response = await connection.ReadAsync();

        Assert.Equal(200, response.Status);
        Assert.Equal("close", response.Field("Connection"));
        lock (requests)
        {
            Assert.DoesNotContain("\nContent-Length:", requests[0], StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(requests, text => text.Contains("/hidden", StringComparison.Ordinal));
        }
    }

    // Guard: chunks to the upstream are the gateway's own, and what an extension takes counts as the body does.
    [Theory]
    [InlineData(null, 200)]
    [InlineData(10_000L, 413)]
    public async Task Forward_ChunkExtensionHuge_ReachesNoUpstream(long? bodyMax, int expected)
    {
        var bodies = new ConcurrentQueue<string>();
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadHeadAsync() is not null && await conversation.ReadHeadAsync() is { } body)
            {
                bodies.Enqueue(body);
                await conversation.SendAsync(ScriptedServer.Ok("answer"));
            }
        });
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { MaxBodyBytes = bodyMax }, origin.Url);

        var response = await gateway.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;{new string('a', 200_000)}\r\na\r\n0\r\n\r\n");

        Assert.Equal(expected, response.Status);
        Assert.Equal(expected == 200 ? ["1\r\na\r\n0\r\n\r\n"] : [], bodies);
    }

    // Guard: the server undoes the last coding only, and the upstream would get the gzip one as the body itself.
    [Theory]
    [InlineData("gzip, chunked", false)]
    [InlineData("gzip, chunked", true)]
    [InlineData("chunked, chunked", false)]
    [InlineData("gzip\r\nTransfer-Encoding: chunked", false)]
    public async Task Forward_BodyInAnotherCoding_IsNotImplementedAndReachesNoUpstream(string coding, bool overHttp2)
    {
        var asked = new ConcurrentQueue<string>();
        await using var origin = await KestrelOrigin.StartAsync(
            context =>
            {
                asked.Enqueue(context.Request.Method);
                return Task.CompletedTask;
            },
            overHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        var upstream = UpstreamSettings.Default(origin.Url.ToString().TrimEnd('/')) with { Protocol = overHttp2 ? UpstreamProtocol.Http2 : UpstreamProtocol.Http1 };
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), upstream));
        await using var connection = await gateway.ConnectAsync();

        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n4\r\nzzzz\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var response = await connection.ReadAsync();

        Assert.Equal((501, "headroom; error=http_request_error"), (response.Status, response.Field("Proxy-Status")));
        Assert.Contains("transfer coding other than chunked", response.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await connection.ReadAsync()).Status);
        Assert.Equal(["GET"], asked);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Forward_RequestThatCanBeReadTwoWays_IsRefusedAndHidesNothing(string name, string request)
    {
        Assert.NotEmpty(name);
        var targets = new List<string>();
        await using var recorded = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } text)
            {
                lock (targets)
                    targets.Add(text.Split(' ')[1]);
                // Not before the last chunk, which never comes where a chunk is wrong: an answer to the head alone may be there before the rest is read.
                if (HeadText.Fields(text, "Transfer-Encoding").Count > 0 && await conversation.ReadHeadAsync() is null)
                    return;
                await conversation.SendAsync(ScriptedServer.Ok("answer"));
            }
        });
        await using var gateway = await GatewayServer.StartAsync(recorded.Url);

        await using var connection = await gateway.ConnectAsync();
        await connection.SendAsync(request);
        var status = (await connection.ReadAsync()).Status;

        Assert.True(status is 400 or 408 or 413 or 431 or 0, $"{name}: the answer was {status}");
        lock (targets)
            Assert.DoesNotContain("/hidden", targets);
    }

    // Guard: the server has room for twenty digits, and would end the connection without an answer where there are more.
    [Theory]
    [InlineData(18, 200)]
    [InlineData(19, 400)]
    [InlineData(20, 400)]
    [InlineData(400, 400)]
    public async Task Forward_LengthWithManyZeros_IsANumberOrABadRequest(int zeros, int expected)
    {
        await using var origin = ScriptedServer.Always(ScriptedServer.Ok("answer"));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var connection = await gateway.ConnectAsync();

        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {new string('0', zeros)}1\r\n\r\nx");

        Assert.Equal(expected, (await connection.ReadAsync()).Status);
    }

    // Guard: answers with two readings are an error of the upstream, and their connection is not used again.
    public static TheoryData<string, string> Responses => new()
    {
        { "content-length-and-chunked", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" },
        { "two-content-lengths", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nabcde" },
        { "content-length-negative", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: -5\r\n\r\nabcde" },
        { "no-status", "HTTP/1.1 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nabcde" },
        { "no-http", "nonsense\r\n\r\n" },
        { "space-in-name", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nFo o: a\r\nContent-Length: 5\r\n\r\nabcde" },
        { "head-endless", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nFoo: " + new string('a', 2_000_000) + "\r\nContent-Length: 5\r\n\r\nabcde" },
        { "chunk-size-no-number", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Responses))]
    public async Task Forward_ResponseThatCanBeReadTwoWays_IsAnErrorAndNothingOfItIsStored(string name, string response)
    {
        var asked = 0;
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
                await conversation.SendAsync(Interlocked.Increment(ref asked) == 1 ? response : ScriptedServer.Ok("second"));
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var first = await gateway.GetAsync("/");
        var second = await gateway.GetAsync("/");

        Assert.True(!first.IsComplete || first.Status == 502, $"{name}: the answer was {first.Status} with '{first.Body}'");
        Assert.Equal("second", second.Body);
    }

    // Guard: the client's side replaces what RFC 9110 §5.5 calls dangerous by a space, and the server's side would refuse it.
    [Fact]
    public async Task Forward_NulInAResponsesField_IsNotPassed()
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nFoo: a\0b\r\nContent-Length: 2\r\n\r\nok");
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/");

        Assert.DoesNotContain('\0', response.Head);
        Assert.True(response.Status == 502 || response.Field("Foo") == "a b");
    }
}
