using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.Streaming;

/// <summary>What one client of a stream meets, over a socket.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task Stream_WhoseProducerHasNothingYet_SendsHeaderAndStartAtOnce()
    {
        await using var app = await StreamApp.StartAsync();
        await using var client = await app.OpenAsync();

        var start = await client.NextAsync();

        Assert.Equal("start", start!.Type);
        Assert.Equal(start.LastEventId.Split('.')[0], JsonElement.Parse(start.Data).GetProperty("stream").GetString());
        Assert.Equal(1000, client.Reader.RetryMs);
        Assert.Equal("text/event-stream", client.Response.Header("Content-Type"));
        Assert.Equal("no-store, no-transform", client.Response.Header("Cache-Control"));
        Assert.Equal("no", client.Response.Header("X-Accel-Buffering"));
        Assert.Equal((1, 1L), (app.Producers, app.Count("headroom.http.stream.open")));
    }

    [Fact]
    public async Task Stream_ToItsEnd_SendsAllAndAnswersTheReconnectWith204()
    {
        await using var app = await StreamApp.StartAsync();
        app.Send(1, 2, 3);
        app.Feed.Writer.Complete();
        await using var client = await app.OpenAsync();

        var read = await client.RestAsync();
        await using var again = await app.OpenAsync(lastEventId: client.Reader.LastEventId);

        Assert.Equal(["start", "message", "message", "message"], read.Select(each => each.Type));
        Assert.Equal(["1", "2", "3"], read.Skip(1).Select(each => each.Data));
        Assert.EndsWith(".end", client.Reader.LastEventId, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, again.Response.StatusCode);
        Assert.Equal("no-store", again.Response.Header("Cache-Control"));
        Assert.Equal(1, app.Producers);
        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.ended completed") == 1, "The end was not counted.");
        Assert.Equal((3L, 1L, 0L), (app.Count("headroom.http.stream.events"), app.Count("headroom.http.stream.time_to_first_event"), app.Count("headroom.http.stream.open")));
    }

    [Fact]
    public async Task Stream_WithNothingToSay_BeatsInComments()
    {
        var beat = TimeSpan.FromMilliseconds(40);
        await using var app = await StreamApp.StartAsync(options => options.HeartBeat = beat);
        var began = Stopwatch.StartNew();
        await using var client = await app.OpenAsync();
        var rest = client.RestAsync();
        await Eventually.TrueAsync(() => client.Reader.Comments >= 5, "The stream does not beat.");
        app.Feed.Writer.Complete();
        await rest;

        // One before the first event, and no more than the time allows.
        Assert.InRange(client.Reader.Comments, 5, (int)(began.Elapsed / beat) + 2);
    }

    [Fact]
    public async Task Stream_WhoseProducerThrows_SendsAProblemAndNothingOfTheException()
    {
        await using var app = await StreamApp.StartAsync();
        app.Send(1);
        app.Feed.Writer.Complete(new InvalidOperationException("password=hunter2"));
        await using var client = await app.OpenAsync();

        var read = await client.RestAsync();
        await using var again = await app.OpenAsync(lastEventId: client.Reader.LastEventId);

        Assert.Equal(["start", "message", "error"], read.Select(each => each.Type));
        var problem = JsonElement.Parse(read[^1].Data);
        Assert.Equal(500, problem.GetProperty("status").GetInt32());
        Assert.Equal("about:blank", problem.GetProperty("type").GetString());
        Assert.Equal("Internal Server Error", problem.GetProperty("title").GetString());
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
        Assert.DoesNotContain("hunter2", read[^1].Data, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", read[^1].Data, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, again.Response.StatusCode);
        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.ended error") == 1, "The error was not counted.");
    }

    [Fact]
    public async Task Stream_WhoseProducerThrowsBeforeItsFirstEvent_HasItsHeaderAndAProblem()
    {
        await using var app = await StreamApp.StartAsync(
            use: web => web.MapGet("/broken", () => HeadroomResults.EventStream(_ => throw new InvalidOperationException("no"))));
        await using var client = await app.OpenAsync("/broken");

        Assert.Equal(["start", "error"], (await client.RestAsync()).Select(each => each.Type));
    }

    [Theory]
    [InlineData("/own")]
    [InlineData("/deaf")]
    public async Task Stream_PastItsDeadline_EndsWithAProblemEvenWhenTheProducerDoesNotHeedIt(string path)
    {
        await using var app = await StreamApp.StartAsync(
            options => options.Deadline = TimeSpan.FromMilliseconds(200), use: web => web.MapGet("/deaf", () => HeadroomResults.EventStream(static _ => DeafAsync())));
        await using var client = await app.OpenAsync(path);

        var read = await client.RestAsync();
        await using var again = await app.OpenAsync(path, client.Reader.LastEventId);

        Assert.Equal(["start", "error"], read.Select(each => each.Type));
        Assert.Equal(504, JsonElement.Parse(read[^1].Data).GetProperty("status").GetInt32());
        Assert.Equal(HttpStatusCode.NoContent, again.Response.StatusCode);
        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.ended deadline") == 1 && app.Running == 0, "The producer was not cancelled.");

        static async IAsyncEnumerable<ServerSentEvent> DeafAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(10), CancellationToken.None);
            yield return new ServerSentEvent("too late");
        }
    }

    [Fact]
    public async Task Stream_LongerThanTheFrameworksRequestTimeout_GoesOn()
    {
        await using var app = await StreamApp.StartAsync(
            use: web =>
            {
                web.UseRequestTimeouts();
                web.MapGet("/timed", () => HeadroomResults.EventStream(TicksAsync)).WithRequestTimeout(TimeSpan.FromSeconds(2));
            },
            add: services => services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromSeconds(2) }));
        await using var client = await app.OpenAsync("/timed");

        Assert.Equal(["start", "message", "message", "message", "message"], (await client.RestAsync()).Select(each => each.Type));

        static async IAsyncEnumerable<ServerSentEvent> TicksAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var tick = 0; tick < 4; tick++)
            {
                await Task.Delay(700, cancellationToken);
                yield return new ServerSentEvent("tick");
            }
        }
    }

    [Fact]
    public async Task Stream_ThroughCompressionOfEverything_StaysAsItIs()
    {
        await using var app = await StreamApp.StartAsync(
            use: web =>
            {
                web.UseHeadroomCompression();
                web.UseResponseCompression();
                web.MapGet("/squeezed", () => HeadroomResults.EventStream(static token => LongAsync(token)));
            },
            add: services => services.AddHeadroomCompression().AddResponseCompression(options => options.MimeTypes = ["text/event-stream"]));
        await using var client = await StreamClient.OpenAsync(app.Address, "/squeezed", headers: ("Accept-Encoding", "gzip, br"));

        Assert.Equal(new string('x', 100_000), (await client.RestAsync())[^1].Data);
        Assert.Equal("identity", client.Response.Header("Content-Encoding"));

        static async IAsyncEnumerable<ServerSentEvent> LongAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ServerSentEvent(new string('x', 100_000));
        }
    }

    [Fact]
    public async Task Stream_BehindAnOutputCacheOfEverything_IsNotStored()
    {
        var asked = 0;
        await using var app = await StreamApp.StartAsync(
            use: web =>
            {
                web.UseOutputCache();
                web.MapGet("/asked", () => HeadroomResults.EventStream(_ => new[] { new ServerSentEvent($"{++asked}") }.ToAsyncEnumerable()));
            },
            add: services => services.AddOutputCache(options => options.AddBasePolicy(static policy => policy.Cache())));
        foreach (var expected in (string[])["1", "2"])
        {
            await using var client = await app.OpenAsync("/asked");
            Assert.Equal(expected, (await client.RestAsync())[^1].Data);
        }
    }

    [Fact]
    public async Task Stream_ThroughAllOfHeadroomAndMarkedForCaching_IsNeitherHeldBackNorStoredNorSharedByAddress()
    {
        await using var app = await StreamApp.StartAsync(
            use: web =>
            {
                web.UseHeadroom();
                web.MapGet("/marked", (StreamSource source) => HeadroomResults.EventStream(source.ProduceAsync)).CacheResponse(policy => policy.For(TimeSpan.FromMinutes(1)));
            },
            add: services => services.AddSingleton<StreamSource>().AddHeadroomRateLimits().AddHeadroomLimits().AddHeadroomConcurrency().AddHeadroomCompression().AddHeadroomResponseCache());
        await using var first = await app.OpenAsync("/marked");
        Assert.Equal(["start", "message"], (await first.TakeAsync(2)).Select(each => each.Type));
        await using var second = await app.OpenAsync("/marked");
        Assert.Equal(["start", "message"], (await second.TakeAsync(2)).Select(each => each.Type));
        await using var third = await app.OpenAsync("/marked");
        Assert.Equal(["start", "message"], (await third.TakeAsync(2)).Select(each => each.Type));

        Assert.Equal(["1", "2", "3"], [(await first.NextAsync())!.Data, (await second.NextAsync())!.Data, (await third.NextAsync())!.Data]);
    }

    [Fact]
    public async Task Stream_OfAResponseThatHasBegun_FailsAndLeavesNobodyWaitingForItsProducer()
    {
        await using var app = await StreamApp.StartAsync(use: web => web.MapGet("/begun", async (Microsoft.AspNetCore.Http.HttpContext context, bool begin) =>
        {
            if (begin)
                await context.Response.StartAsync();
            await HeadroomResults.EventStream(static _ => new[] { new ServerSentEvent("x") }.ToAsyncEnumerable(), "key").ExecuteAsync(context);
        }));
        await using (var broken = await app.OpenAsync("/begun?begin=true"))
            await Assert.ThrowsAnyAsync<Exception>(broken.RestAsync);
        await using var fine = await app.OpenAsync("/begun?begin=false");

        Assert.Equal(["start", "message"], (await fine.RestAsync()).Select(each => each.Type));
    }

    [Fact]
    public async Task Stream_OfValues_SendsTheirJson()
    {
        var json = JsonSerializerOptions.Web.GetTypeInfo(typeof(Point));
        await using var app = await StreamApp.StartAsync(
            use: web => web.MapGet("/points", () => HeadroomResults.EventStream(static _ => new[] { new Point(1, "a\nb"), new Point(2, "ü") }.ToAsyncEnumerable(), (System.Text.Json.Serialization.Metadata.JsonTypeInfo<Point>)json, "point")));
        await using var client = await app.OpenAsync("/points");

        var points = (await client.RestAsync()).Where(each => each.Type == "point").Select(each => JsonSerializer.Deserialize<Point>(each.Data, JsonSerializerOptions.Web));

        Assert.Equal([new Point(1, "a\nb"), new Point(2, "ü")], points);
    }

    [Fact]
    public async Task Stream_WithoutStart_OpensWithACommentAndTheRetry()
    {
        await using var app = await StreamApp.StartAsync(options => options.SendStart = false);
        app.Send(1);
        await using var client = await app.OpenAsync();

        Assert.Equal("1", (await client.NextAsync())!.Data);
        Assert.Equal((1, 1000), (client.Reader.Comments, client.Reader.RetryMs));
    }

    [Fact]
    public async Task Stream_WithMoreClientsThanItMayHave_RefusesOneMoreUntilOneLeaves()
    {
        await using var app = await StreamApp.StartAsync(options => options.MaxClients = 2);
        await using var first = await app.OpenAsync();
        await using (await app.OpenAsync())
        {
            await using var refused = await app.OpenAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Response.StatusCode);
            Assert.Equal("1", refused.Response.Header("Retry-After"));
            Assert.Equal("application/problem+json", refused.Response.Header("Content-Type"));
            Assert.Equal(1, app.Count("headroom.http.stream.refused"));
        }

        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.open") == 1, "The client that left still counts.");
        await using var next = await app.OpenAsync();
        Assert.Equal(HttpStatusCode.OK, next.Response.StatusCode);
    }

    [Fact]
    public async Task Stream_OfAnEndpointWithWrongOptions_FailsAndNamesThem()
    {
        await using var app = await StreamApp.StartAsync(
            use: web => web.MapGet("/wrong", () => HeadroomResults.EventStream(static _ => AsyncEnumerable.Empty<ServerSentEvent>(), configure: options => options.BufferEvents = 0)));
        await using var client = await app.OpenAsync("/wrong");

        Assert.Equal(HttpStatusCode.InternalServerError, client.Response.StatusCode);
    }

    [Fact]
    public async Task Stream_WithoutItsServices_SaysWhichCallIsMissing()
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext { RequestServices = new ServiceCollection().BuildServiceProvider() };

        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => HeadroomResults.EventStream(static _ => AsyncEnumerable.Empty<ServerSentEvent>()).ExecuteAsync(context));

        Assert.Contains("AddHeadroomStreaming()", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WhenTheApplicationStops_EndsSoThatTheClientConnectsAgain()
    {
        await using var app = await StreamApp.StartAsync(options => options.ShutdownGrace = TimeSpan.FromMilliseconds(50));
        app.Send(1);
        await using var client = await app.OpenAsync();
        await client.TakeAsync(2);

        var stopping = app.StopAsync();
        Assert.Empty(await client.RestAsync());
        await stopping;

        Assert.EndsWith(".1", client.Reader.LastEventId, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => app.Running == 0 && app.Count("headroom.http.stream.ended shutdown") == 1, "The producer goes on.");
    }

    /// <summary>A first event at once and a second a little later, with the producer's number.</summary>
    sealed class StreamSource
    {
        int producers;

        public async IAsyncEnumerable<ServerSentEvent> ProduceAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var mine = Interlocked.Increment(ref producers);
            yield return new ServerSentEvent("first");
            await Task.Delay(300, cancellationToken);
            yield return new ServerSentEvent($"{mine}");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    sealed record Point(int X, string Name);
}
