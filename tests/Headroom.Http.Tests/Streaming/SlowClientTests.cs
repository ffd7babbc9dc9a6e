using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Headroom.Http.Tests.Streaming;

/// <summary>Clients that stop reading, or read too slowly, hold up neither the producer nor the others.</summary>
public sealed class SlowClientTests
{
    static readonly ServerSentEvent Heavy = new(new string('x', 64 * 1024));

    [Fact]
    public async Task Client_ThatStopsReading_IsDroppedAfterTheWriteTimeoutAndCounted()
    {
        await using var app = await StreamApp.StartAsync(options =>
        {
            options.WriteTimeout = TimeSpan.FromMilliseconds(300);
            options.ResumeWindow = TimeSpan.Zero;
        });
        using var socket = await AskAsync(app, "/own");

        await FillAsync(app, () => app.Count("headroom.http.stream.ended slow") == 1);

        await Eventually.TrueAsync(() => app.Running == 0, "The producer goes on for nobody.");
        Assert.Equal(0, app.Count("headroom.http.stream.open"));
    }

    [Fact]
    public async Task Client_AWholeBufferBehind_IsDroppedAndTheOthersOfItsKeyGetEverything()
    {
        await using var app = await StreamApp.StartAsync(options =>
        {
            options.BufferBytes = 1024 * 1024;
            options.WriteTimeout = TimeSpan.FromMinutes(1);
        });
        using var socket = await AskAsync(app, "/shared/a");
        await using var healthy = await app.OpenAsync("/shared/a");
        await healthy.NextAsync();

        var sent = 0;
        while (app.Count("headroom.http.stream.ended slow") == 0)
        {
            Assert.True(sent++ < 2_000, "The client was not dropped.");
            app.Feed.Writer.TryWrite(Heavy with { Id = $"{sent}" });
            Assert.Equal($"{sent}", (await healthy.NextAsync())!.LastEventId);
        }

        Assert.Equal(1, app.Count("headroom.http.stream.open"));
        Assert.Equal(1, app.Running);
    }

    [Fact]
    public async Task Producer_FasterThanItsClient_WaitsForItAndLosesNothing()
    {
        const int Events = 20_000;
        var made = 0;
        await using var app = await StreamApp.StartAsync(
            options => options.BufferEvents = 8, web => web.MapGet("/fast", () => HeadroomResults.EventStream(FastAsync)));
        await using var client = await app.OpenAsync("/fast");

        var read = await client.RestAsync();

        Assert.Equal(Enumerable.Range(0, Events).Select(number => $"{number}"), read.Skip(1).Select(each => each.Data));
        Assert.Equal(1, app.Count("headroom.http.stream.ended completed"));
        Assert.Equal(Events, made);

        async IAsyncEnumerable<ServerSentEvent> FastAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            for (made = 0; made < Events && !cancellationToken.IsCancellationRequested; made++)
                yield return new ServerSentEvent($"{made}");
        }
    }

    [Fact]
    public async Task Producer_WhoseOnlyClientIsAway_WaitsWhenTheBufferIsFullAndGoesOnWhenItIsBack()
    {
        await using var app = await StreamApp.StartAsync(options =>
        {
            options.BufferEvents = 4;
            options.ResumeWindow = TimeSpan.FromSeconds(20);
        });
        string last;
        await using (var first = await app.OpenAsync())
        {
            app.Send(0);
            last = (await first.TakeAsync(2))[^1].LastEventId;
        }

        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.ended client") == 1, "The client's leaving was not seen.");
        app.Send(Enumerable.Range(1, 50));
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.InRange(app.Feed.Reader.Count, 40, 50);
        await using var second = await app.OpenAsync(lastEventId: last);

        Assert.Equal(Enumerable.Range(1, 50).Select(number => $"{number}"), (await second.TakeAsync(50)).Select(each => each.Data));
    }

    static async Task FillAsync(StreamApp app, Func<bool> until)
    {
        for (var sent = 0; !until(); sent++)
        {
            Assert.True(sent < 20_000, "The client was not dropped.");
            if (sent < 400)
                app.Feed.Writer.TryWrite(Heavy);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks for a stream and never reads.</summary>
    static async Task<Socket> AskAsync(StreamApp app, string path)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, app.Address.Port), TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.open") == 1, "The stream did not open.");
        return socket;
    }
}
