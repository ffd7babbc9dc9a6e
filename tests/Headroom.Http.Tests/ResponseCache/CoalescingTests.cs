using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>Several requests for one thing, and clients that go.</summary>
public sealed class CoalescingTests(ITestOutputHelper output)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task ConcurrentMisses_OfWhatIsStored_RunTheEndpointOnce()
    {
        var runs = 0;
        var go = new TaskCompletionSource();
        var came = new Arrivals();
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", async context =>
            {
                Interlocked.Increment(ref runs);
                await go.Task;
                await context.Response.WriteAsync("one");
            }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))),
            came.UseWithCache);
        var requests = Enumerable.Range(0, 8).Select(_ => app.TextAsync("/x")).ToArray();
        await came.WaitAsync(8);
        go.SetResult();
        var answers = await Task.WhenAll(requests);
        Assert.All(answers, answer => Assert.Equal("one", answer.Text));
        Assert.Equal(1, runs);
        Assert.Equal(7, answers.Count(answer => answer.Status.EndsWith("; collapsed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ConcurrentMisses_OfWhatIsNotStored_DoNotWaitForEachOther()
    {
        var runs = 0;
        var inside = new SemaphoreSlim(0);
        var go = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            context.Response.Headers.CacheControl = "private";
            await context.Response.StartAsync();
            Interlocked.Increment(ref runs);
            inside.Release();
            await go.Task;
            await context.Response.WriteAsync("own");
        }).CacheResponse());
        var requests = Enumerable.Range(0, 5).Select(_ => app.TextAsync("/x")).ToArray();

        // All are inside at the same time, though the first has not ended.
        for (var i = 0; i < requests.Length; i++)
            Assert.True(await inside.WaitAsync(Patience, TestContext.Current.CancellationToken));
        go.SetResult();
        await Task.WhenAll(requests);
        Assert.Equal(5, runs);
    }

    /// <summary>Anybody may send a key, or a header that is not in the cache's key; a stale URL would then be asked for by all at once.</summary>
    [Theory]
    [InlineData("Authorization: Bearer x", false)]
    [InlineData("Authorization: Bearer x", true)]
    [InlineData("x-api-key: x", true)]
    [InlineData("X-Original-URL: /y", false)]
    [InlineData("X-Original-URL: /y", true)]
    public async Task RequestOfOneClient_ForWhatIsStale_LeavesAllOthersTogether(string field, bool atTheSameTime)
    {
        const int Others = 8;
        var (entered, shared, own) = (0, 0, 0);
        var (all, ownBegun, ownMayEnd) = (NewSignal(), NewSignal(), NewSignal());
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", async context =>
            {
                var isOwn = context.Request.Headers.ContainsKey(field.Split(':')[0]);
                if (isOwn)
                {
                    Interlocked.Increment(ref own);
                    ownBegun.TrySetResult();
                    await ownMayEnd.Task;
                }
                else if (Interlocked.Increment(ref shared) > 1)
                    await all.Task;
                context.Response.Headers.CacheControl = "max-age=60";
                context.Response.Headers.ETag = $"\"{shared}\"";
                await context.Response.WriteAsync(isOwn ? "own" : "shared");
            }),
            app =>
            {
                app.Use(next => context =>
                {
                    if (Interlocked.Increment(ref entered) == Others + 2)
                        all.TrySetResult();
                    return next(context);
                });
                app.UseHeadroomResponseCache();
            },
            options => options.HonourCacheHeaders = true);
        Assert.Equal("shared", (await app.TextAsync("/x")).Text);
        app.Time.Advance(TimeSpan.FromSeconds(61));

        var one = app.TextAsync("/x", field);
        await ownBegun.Task;
        if (!atTheSameTime)
        {
            ownMayEnd.SetResult();
            await one;
        }

        var others = Enumerable.Range(0, Others).Select(_ => app.TextAsync("/x")).ToArray();
        await all.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        ownMayEnd.TrySetResult();

        Assert.All(await Task.WhenAll(others), answer => Assert.Equal("shared", answer.Text));
        Assert.Equal("own", (await one).Text);
        Assert.Equal((2, 1), (shared, own));
    }

    /// <summary>A load balancer may add such a header to all requests: they would wait for each other in turn.</summary>
    [Fact]
    public async Task Requests_OfWhichNoneCanBeStored_GoAtTheSameTime()
    {
        const int Clients = 8;
        var (inside, all) = (0, NewSignal());
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            if (Interlocked.Increment(ref inside) == Clients)
                all.TrySetResult();
            await all.Task;
            await context.Response.WriteAsync("own");
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));

        var requests = Enumerable.Range(0, Clients).Select(_ => app.TextAsync("/x", "X-Forwarded-Port: 443")).ToArray();
        try
        {
            await all.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        finally
        {
            all.TrySetResult();
        }

        Assert.All(await Task.WhenAll(requests), answer => Assert.Equal(("own", "Headroom; fwd=uri-miss"), answer));
    }

    /// <summary>What such a request is told may be of something else altogether.</summary>
    [Fact]
    public async Task RequestsForSomethingElse_ThatMayNotBeStored_LeaveAllOthersTogether()
    {
        const int Own = 6;
        const int Others = 8;
        var (shared, go, came) = (0, NewSignal(), new Arrivals());
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", async context =>
            {
                var isOwn = context.Request.Headers.ContainsKey("X-Original-URL");
                context.Response.Headers.CacheControl = isOwn ? "no-store" : "max-age=60";
                if (!isOwn)
                {
                    Interlocked.Increment(ref shared);
                    await go.Task;
                }

                await context.Response.WriteAsync(isOwn ? "own" : "shared");
            }),
            came.UseWithCache,
            options => options.HonourCacheHeaders = true);
        for (var i = 0; i < Own; i++)
            Assert.Equal("own", (await app.TextAsync("/x", "X-Original-URL: /y")).Text);

        var others = Enumerable.Range(0, Others).Select(_ => app.TextAsync("/x")).ToArray();
        await came.WaitAsync(Own + Others);
        go.SetResult();

        Assert.All(await Task.WhenAll(others), answer => Assert.Equal("shared", answer.Text));
        Assert.Equal(1, shared);
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task ConcurrentMisses_OfADifferentVariant_GetTheirOwn()
    {
        var go = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            await go.Task;
            context.Response.Headers.Vary = "Foo";
            await context.Response.WriteAsync(context.Request.Headers["Foo"].ToString());
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));
        var requests = Enumerable.Range(0, 6).Select(i => app.TextAsync("/x", $"Foo: {i % 3}")).ToArray();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        go.SetResult();
        var answers = await Task.WhenAll(requests);
        Assert.Equal(["0", "1", "2", "0", "1", "2"], answers.Select(answer => answer.Text));
    }

    [Fact]
    public async Task LongBodyOfKnownLength_StreamsToAllBeforeItsEnd()
    {
        var runs = 0;
        var more = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", async context =>
            {
                Interlocked.Increment(ref runs);
                context.Response.ContentLength = 6_000;
                await context.Response.WriteAsync(new string('a', 3_000));
                await more.Task;
                await context.Response.WriteAsync(new string('b', 3_000));
            }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))),
            options => options.HoldBackBytes = 1_000);
        var readers = Enumerable.Range(0, 4).Select(async _ =>
        {
            // Read to its end below.
            var response = await app.Http.SendAsync(HttpMethod.Get, "/x", HttpCompletionOption.ResponseHeadersRead);
            var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var first = new byte[3_000];
            await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
            return (Stream: Encoding.ASCII.GetString(first), Tail: new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken));
        }).ToArray();
        var begun = await Task.WhenAll(readers).WaitAsync(Patience, TestContext.Current.CancellationToken);
        more.SetResult();
        foreach (var reader in begun)
        {
            Assert.Equal(new string('a', 3_000), reader.Stream);
            Assert.Equal(new string('b', 3_000), await reader.Tail);
        }

        // Readers have the last byte before the answer is kept; who asks in between joins them.
        var status = "";
        for (var tries = 0; tries < 600 && !status.Contains("hit", StringComparison.Ordinal); tries++)
        {
            await Task.Delay(tries == 0 ? 0 : 50, TestContext.Current.CancellationToken);
            status = (await app.TextAsync("/x")).Status;
        }

        Assert.Contains("hit", status, StringComparison.Ordinal);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task StreamThatGoesOn_HoldsUpNobody_AlsoAfterAPurge()
    {
        var runs = 0;
        var end = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync("data: 1\n\n");
                await context.Response.Body.FlushAsync();
                await end.Task;
                return;
            }

            await context.Response.WriteAsync("short");
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30)).Tag("x")));
        using var stream = await app.Http.SendAsync(HttpMethod.Get, "/x", HttpCompletionOption.ResponseHeadersRead);
        await app.Cache.PurgeTagAsync("other");
        Assert.Equal("short", (await app.TextAsync("/x").WaitAsync(Patience, TestContext.Current.CancellationToken)).Text);
        Assert.Contains("hit", (await app.TextAsync("/x").WaitAsync(Patience, TestContext.Current.CancellationToken)).Status, StringComparison.Ordinal);
        end.SetResult();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyThatBreaksOff_IsNotStored(bool aborts)
    {
        var runs = 0;
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            if (++runs == 1)
            {
                if (!aborts)
                    context.Response.ContentLength = 10;
                await context.Response.WriteAsync("half");
                if (aborts)
                    context.Abort();
                return;
            }

            await context.Response.WriteAsync("whole");
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => app.TextAsync("/x"));
        Assert.Equal("whole", (await app.TextAsync("/x")).Text);
        Assert.Contains("hit", (await app.TextAsync("/x")).Status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LastClientThatGoes_CancelsTheRun_AndNothingIsStored()
    {
        var runs = 0;
        var begun = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                await context.Response.WriteAsync("half");
                context.RequestAborted.Register(cancelled.SetResult);
                begun.SetResult();
                await cancelled.Task;
                return;
            }

            await context.Response.WriteAsync("whole");
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));
        using (var socket = await ConnectAsync(app))
        {
            await socket.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            socket.LingerState = new LingerOption(true, 0);
        }

        await cancelled.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal("whole", (await app.TextAsync("/x", "Host: localhost")).Text);
    }

    [Fact]
    public async Task FirstClientThatGoes_LeavesTheResponseToThoseWhoWait()
    {
        var runs = 0;
        var begun = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var came = new Arrivals();
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", async context =>
            {
                Interlocked.Increment(ref runs);
                begun.TrySetResult();
                await go.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("whole");
            }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))),
            came.UseWithCache);
        Task<(string Text, string Status)> follower;
        using (var socket = await ConnectAsync(app))
        {
            await socket.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            follower = app.TextAsync("/x", "Host: localhost");
            await came.WaitAsync(2);
            socket.LingerState = new LingerOption(true, 0);
        }

        await Task.Delay(200, TestContext.Current.CancellationToken);
        go.SetResult();
        Assert.Equal("whole", (await follower.WaitAsync(Patience, TestContext.Current.CancellationToken)).Text);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task BodyThatMustNotWait_GoesOnAsItComes_AndIsStored()
    {
        var more = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", async context =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            await context.Response.WriteAsync("first");
            await more.Task;
            await context.Response.WriteAsync("second");
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));
        using var response = await app.Http.SendAsync(HttpMethod.Get, "/x", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var first = new byte[5];
        await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        more.SetResult();
        using var reader = new StreamReader(stream);
        Assert.Equal("second", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("firstsecond", (await app.TextAsync("/x")).Text);
    }

    /// <summary>Readers and a writer that purges after each write, in random order: nobody reads what was before a purge that had ended when it asked, and every body is whole.</summary>
    [Fact]
    public async Task Interleaved_ReadersAndPurges_NobodyReadsWhatWasPurged()
    {
        var seed = Seed.Printed(output);
        var version = 0;
        var purged = 0;
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x/{key:int}", async (HttpContext context, int key) =>
            {
                var random = new Random(seed ^ Environment.CurrentManagedThreadId);
                var seen = Volatile.Read(ref version);
                await Task.Delay(random.Next(8));
                if (key == 3)
                    context.Response.Headers.Vary = "Foo";
                if (key == 4)
                    context.Response.Headers.CacheControl = "no-store";
                var body = string.Concat(Enumerable.Repeat(seen.ToString("D8", CultureInfo.InvariantCulture), key == 2 ? 1_000 : 10));
                if (key == 2)
                    context.Response.ContentLength = body.Length;
                for (var at = 0; at < body.Length; at += 1_000)
                {
                    await context.Response.WriteAsync(body.Substring(at, Math.Min(1_000, body.Length - at)));
                    if (random.Next(4) == 0)
                        await Task.Yield();
                }
            }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30)).Tag("all")),
            options => options.HoldBackBytes = 2_000);

        var wrong = new ConcurrentBag<string>();
        var ended = false;
        var hits = 0;
        var readers = Enumerable.Range(0, 8).Select(async reader =>
        {
            var random = new Random(seed + reader);
            while (!Volatile.Read(ref ended))
            {
                var key = random.Next(5);
                var least = Volatile.Read(ref purged);
                var (text, status) = await app.TextAsync($"/x/{key}", $"Foo: {random.Next(2)}");
                if (status.Contains("hit", StringComparison.Ordinal))
                    Interlocked.Increment(ref hits);
                var got = int.Parse(text[..8], CultureInfo.InvariantCulture);
                if (got < least || text != string.Concat(Enumerable.Repeat(text[..8], key == 2 ? 1_000 : 10)))
                    wrong.Add($"key {key}: asked after the purge of {least}, got {got} in {text.Length} bytes ({status})");
            }
        }).ToArray();
        var writing = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            await Task.Delay(writing.Next(25), TestContext.Current.CancellationToken);
            var now = Interlocked.Increment(ref version);
            await app.Cache.PurgeTagAsync("all");
            Volatile.Write(ref purged, now);
        }

        Volatile.Write(ref ended, true);
        await Task.WhenAll(readers);
        Assert.Empty(wrong);
        Assert.True(hits > 0);
    }

    static async Task<Socket> ConnectAsync(CacheApp app)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(app.Http.Address.Host, app.Http.Address.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Counts the requests that come to the cache.</summary>
    sealed class Arrivals
    {
        int count;

        public void UseWithCache(WebApplication app)
        {
            app.Use((context, next) =>
            {
                var rest = next(context);
                Interlocked.Increment(ref count);
                return rest;
            });
            app.UseHeadroomResponseCache();
        }

        /// <summary>Until so many lead or follow.</summary>
        public async Task WaitAsync(int requests)
        {
            var waited = Stopwatch.StartNew();
            while (Volatile.Read(ref count) < requests)
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "The requests did not come to the cache.");
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
        }
    }
}
