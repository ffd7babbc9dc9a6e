using System.Net;
using System.Net.WebSockets;
using System.Text;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Tests.Forwarding;

public sealed class UpgradeTests
{
    [Fact]
    public async Task Websocket_MessagesBothWays_Pass()
    {
        await using var server = EchoWebSocket();
        await using var gateway = await GatewayServer.StartAsync(server.Url);
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        await client.ConnectAsync(new Uri($"ws://{gateway.Url.Authority}/socket?x=1"), TestContext.Current.CancellationToken);

        Assert.Equal("chat", client.SubProtocol);
        foreach (var length in new[] { 1, 1000, 100_000 })
        {
            var message = new string('m', length);
            await client.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            Assert.Equal(message, await ReceiveAsync(client));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", TestContext.Current.CancellationToken);
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "bye"), (client.CloseStatus, client.CloseStatusDescription));
    }

    [Fact]
    public async Task Websocket_ClientSpeaksHttp2_MessagesBothWaysPass()
    {
        await using var server = EchoWebSocket();
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(
            new ForwardOptions(), UpstreamSettings.Default(server.Url.ToString().TrimEnd('/'))) with { Listen = [GatewayServer.Listen(HttpProtocols.Http2)] });
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        client.Options.HttpVersion = HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await client.ConnectAsync(new Uri($"ws://{gateway.Url.Authority}/socket"), invoker, TestContext.Current.CancellationToken);

        Assert.Equal("chat", client.SubProtocol);
        foreach (var length in new[] { 1, 100_000 })
        {
            var message = new string('m', length);
            await client.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            Assert.Equal(message, await ReceiveAsync(client));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task Websocket_UpstreamVanishes_ClientIsDisconnected()
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadHeadAsync();
            await conversation.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\nhello");
            await conversation.ReadExactlyAsync(4);
            conversation.Reset();
        });
        await using var gateway = await GatewayServer.StartAsync(server.Url);
        await using var connection = await gateway.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\n");

        var head = await connection.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Equal(["own"], HeadText.Fields(head!, "Upgrade"));
        Assert.Equal(("hello", true), await connection.ReadExactlyAsync(5));
        await connection.SendAsync("quit");
        Assert.Equal("", (await connection.ReadToEndAsync()).Text);
    }

    [Fact]
    public async Task Websocket_ClientVanishes_UpstreamIsDisconnected()
    {
        var ended = new TaskCompletionSource();
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadHeadAsync();
            await conversation.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\n");
            await conversation.ReadExactlyAsync(100);
            ended.SetResult();
        });
        await using var gateway = await GatewayServer.StartAsync(server.Url);
        var connection = await gateway.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\n");
        await connection.ReadHeadAsync();

        connection.Reset();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Upgrade_UpstreamDeclines_ItsAnswerIsPassed()
    {
        await using var origin = new Origin("HTTP/1.1 426 Upgrade Required\r\nUpgrade: other\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno");
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/", "Connection: Upgrade", "Upgrade: websocket");

        Assert.Equal((426, "no"), (response.Status, response.Body));
        Assert.Equal(["websocket"], origin.Fields("Upgrade"));
        Assert.Equal(["Upgrade"], origin.Fields("Connection"));
    }

    [Fact]
    public async Task Upgrade_ToHttp2_IsNotOffered()
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA");

        Assert.Equal(200, response.Status);
        Assert.Empty(origin.Fields("Upgrade"));
        Assert.Empty(origin.Fields("HTTP2-Settings"));
    }

    [Fact]
    public async Task Upgrade_NobodyHasAsked_IsAProblem()
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadHeadAsync();
            await conversation.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\n");
            await Task.Delay(Timeout.Infinite, conversation.Stop);
        });
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { ResponseTimeout = TimeSpan.FromSeconds(2) }, server.Url);

        var response = await gateway.GetAsync("/");

        Assert.InRange(response.Status, 502, 504);
    }

    private static ScriptedServer EchoWebSocket() => new(async conversation =>
    {
        var head = await conversation.ReadHeadAsync();
        var key = HeadText.Fields(head!, "Sec-WebSocket-Key").Single();
#pragma warning disable CA5350 // RFC 6455 §4.2.2 has SHA-1.
        var accept = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await conversation.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
        using var socket = WebSocket.CreateFromStream(conversation.Stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = "chat" });
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, conversation.Stop) is { MessageType: not WebSocketMessageType.Close } part)
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, conversation.Stop);
        await socket.CloseAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, conversation.Stop);
    });

    private static async Task<string> ReceiveAsync(ClientWebSocket client)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var part = await client.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            text.Append(Encoding.ASCII.GetString(buffer, 0, part.Count));
            if (part.EndOfMessage)
                return text.ToString();
        }
    }
}
