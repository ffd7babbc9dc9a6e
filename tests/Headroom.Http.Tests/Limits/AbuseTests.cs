using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.Limits;

/// <summary>Clients that mean no good, on real sockets: whatever they do, a healthy client is answered. The server is one with <c>AddHeadroom()</c> and <c>UseHeadroom()</c>'s parts.</summary>
public sealed class AbuseTests(ITestOutputHelper output)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SlowLoris_AThousandClientsThatNeverFinishTheirHead_DoNotStopAHealthyOne()
    {
        await using var app = await StartAsync(options => options.HeadersTimeout = TimeSpan.FromSeconds(3));
        var slow = await ConnectAsync(app, 1000);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        try
        {
            foreach (var socket in slow)
                await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray(), Cancellation);
            var dripping = DripAsync(slow, stop.Token);
            await AssertHealthyAsync(app);
            var answers = await Task.WhenAll(slow.Select(ReadAsync)).WaitAsync(Patience, Cancellation);
            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal));
            await stop.CancelAsync();
            await dripping;
        }
        finally
        {
            Close(slow);
        }
    }

    [Fact]
    public async Task SlowBodies_ManyThatNeverEnd_HoldNoPlaceLongerThanTheirTime()
    {
        await using var app = await StartAsync(options => options.Timeout = TimeSpan.FromSeconds(2), limit: 20);
        var slow = await ConnectAsync(app, 100);
        try
        {
            foreach (var socket in slow)
                await socket.SendAsync("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegin"u8.ToArray(), Cancellation);
            var answers = await Task.WhenAll(slow.Select(ReadHeadAsync)).WaitAsync(Patience, Cancellation);
            Assert.All(answers, answer => Assert.Matches("^HTTP/1.1 50[34] ", answer));
            await AssertHealthyAsync(app);
        }
        finally
        {
            Close(slow);
        }
    }

    /// <summary>Their other ends are in a process of their own, so each takes one file descriptor here: 10,000 where that many are allowed, else as many as are, and the test says so.</summary>
    [Fact]
    public async Task IdleConnections_TenThousand_DoNotStopAHealthyClient()
    {
        var most = FileDescriptors.Raise(13_000);
        var count = (int)Math.Min(10_000, most - 3_000);
        output.WriteLine($"{count} idle connections; {most} file descriptors are allowed");
        Assert.True(count >= 1_000, $"Only {most} file descriptors are allowed; allow 13,000 (ulimit -n).");
        await using var app = await StartAsync(_ => { });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using (var idle = IdleClients.Start(app.Address.Port, count))
        {
            for (var waited = Stopwatch.StartNew(); !idle.AreConnected;)
            {
                Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "They did not connect within two minutes.");
                await Task.Delay(20, Cancellation);
            }

            await AssertHealthyAsync(app);
            output.WriteLine($"{(GC.GetTotalMemory(forceFullCollection: true) - before) / count} bytes for each");
        }

        await AssertHealthyAsync(app);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "400")]
    [InlineData("Content-Length: -1\r\n\r\n", "400")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n", "400")]
    [InlineData("Content-Length: 9223372036854775807\r\n\r\n", "413")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", "400")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    public async Task Body_WithALengthThatLies_IsRefused(string rest, string status)
    {
        await using var app = await StartAsync(_ => { });
        var socket = Assert.Single(await ConnectAsync(app, 1));
        using (socket)
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("POST /read HTTP/1.1\r\nHost: x\r\n" + rest), Cancellation);
            Assert.StartsWith($"HTTP/1.1 {status} ", await ReadHeadAsync(socket).WaitAsync(Patience, Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task HeaderFlood_FieldsWithoutEnd_IsCutAtTheLimit()
    {
        await using var app = await StartAsync(_ => { });
        var socket = Assert.Single(await ConnectAsync(app, 1));
        using (socket)
        {
            await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Cancellation);
            var field = Encoding.ASCII.GetBytes($"X-{new string('a', 50)}: {new string('b', 900)}\r\n");
            var answer = ReadHeadAsync(socket);
            var sent = 0L;
            try
            {
                while (!answer.IsCompleted && sent < 1L << 30)
                    sent += await socket.SendAsync(field, Cancellation);
            }
            catch (SocketException)
            {
                // Closed on the way: that is the end of it.
            }

            Assert.True(sent < 1L << 28, $"{sent} bytes were taken.");
            Assert.StartsWith("HTTP/1.1 431 ", await answer.WaitAsync(Patience, Cancellation), StringComparison.Ordinal);
        }

        await AssertHealthyAsync(app);
    }

    [Fact]
    public async Task QueueFull_AFloodOfRequests_LeavesHealthAlive()
    {
        await using var app = await StartAsync(_ => { }, limit: 5);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 300 }) { BaseAddress = app.Address };
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        enough.CancelAfter(TimeSpan.FromSeconds(2));
        var statuses = new int[600];
        var flood = Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                using var response = await client.GetAsync(new Uri("/work", UriKind.Relative), Cancellation);
                Interlocked.Increment(ref statuses[(int)response.StatusCode]);
            }
        }));
        while (!flood.IsCompleted)
        {
            using var health = await app.GetAsync("/health").WaitAsync(Patience, Cancellation);
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            await Task.Delay(50, Cancellation);
        }

        await flood;
        output.WriteLine($"{statuses[200]} answered, {statuses[503]} refused");
        Assert.True(statuses[200] > 0 && statuses[503] > 0 && statuses.Sum() == statuses[200] + statuses[503], string.Join(", ", statuses.Index().Where(each => each.Item > 0)));
    }

    static Task<HttpApp> StartAsync(Action<LimitsOptions> configure, int limit = 1000) => HttpApp.StartAsync(
        app =>
        {
            app.UseRouting();
            app.UseHeadroom();
            app.MapGet("/", () => "ok");
            app.MapGet("/health", () => "ok").NeverShed();
            app.MapGet("/work", (CancellationToken token) => Task.Delay(20, token));
            app.MapPost("/read", async context => await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        },
        services => services.AddHeadroomRateLimits().AddHeadroomResponseCache().AddHeadroomCompression().AddHeadroomLimits(configure).AddHeadroomConcurrency(options =>
        {
            options.Global = "all";
            options.AddPolicy("all", policy => (policy.Limit, policy.Queue) = (limit, 50));
        }));

    static async Task AssertHealthyAsync(HttpApp app)
    {
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var response = await app.GetAsync("/").WaitAsync(Patience, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience);
        }
    }

    static async Task<Socket[]> ConnectAsync(HttpApp app, int count)
    {
        var sockets = new List<Socket>(count);
        // A few hundred at a time, as many as wait to be accepted.
        foreach (var some in Enumerable.Range(0, count).Chunk(250))
        {
            sockets.AddRange(await Task.WhenAll(some.Select(async _ =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, app.Address.Port, Cancellation);
                return socket;
            })));
        }

        return [.. sockets];
    }

    // Without end, so that no pause gives them away.
    static async Task DripAsync(Socket[] sockets, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var socket in sockets)
            {
                try
                {
                    await socket.SendAsync("x"u8.ToArray(), Cancellation);
                }
                catch (SocketException)
                {
                    // Closed by the server: that is what is tested.
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }

            await Task.Delay(300, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static async Task<string> ReadHeadAsync(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Cancellation));
    }

    static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancellation) is var count and > 0)
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (SocketException) when (text.Length > 0)
        {
            // Closed with our bytes still on the way, after the answer.
        }

        return text.ToString();
    }

    static void Close(Socket[] sockets)
    {
        foreach (var socket in sockets)
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
    }
}
