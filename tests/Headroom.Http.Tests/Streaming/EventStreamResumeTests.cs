using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.Streaming;

/// <summary>Clients that go, come back, and watch the same.</summary>
public sealed class EventStreamResumeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Client_ThatComesBack_GetsTheRestWithoutGapOrRepeatFromOneProducer()
    {
        await using var app = await StreamApp.StartAsync();
        string? last;
        await using (var first = await app.OpenAsync())
        {
            app.Send(1, 2, 3);
            last = (await first.TakeAsync(3))[^1].LastEventId;
        }

        app.Send(4, 5);
        app.Feed.Writer.Complete();
        await using var second = await app.OpenAsync(lastEventId: last);

        Assert.Equal(["3", "4", "5"], (await second.RestAsync()).Select(each => each.Data));
        Assert.Equal((1, 1L), (app.Producers, app.Count("headroom.http.stream.resumed")));
    }

    [Fact]
    public async Task Client_ThatHadOnlyTheStart_ComesBackToTheSameStream()
    {
        await using var app = await StreamApp.StartAsync();
        string? last;
        await using (var first = await app.OpenAsync())
            last = (await first.NextAsync())!.LastEventId;

        app.Send(1);
        await using var second = await app.OpenAsync(lastEventId: last);

        Assert.Equal("1", (await second.NextAsync())!.Data);
        Assert.Equal(1, app.Producers);
    }

    [Fact]
    public async Task Client_ThatGoesForGood_CancelsTheProducerWhenTheWindowCloses()
    {
        await using var app = await StreamApp.StartAsync(options => options.ResumeWindow = TimeSpan.FromMilliseconds(300));
        await using (var client = await app.OpenAsync())
            await client.NextAsync();

        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.ended client") == 1, "The client's leaving was not seen.");
        Assert.Equal(1, app.Running);
        await Eventually.TrueAsync(() => app.Running == 0, "The producer goes on.");
    }

    [Fact]
    public async Task Client_ThatGoesWithoutAWindow_CancelsTheProducerAtOnce()
    {
        await using var app = await StreamApp.StartAsync(options => options.ResumeWindow = TimeSpan.Zero);
        string? last;
        await using (var client = await app.OpenAsync())
            last = (await client.NextAsync())!.LastEventId;

        await Eventually.TrueAsync(() => app.Running == 0, "The producer goes on.");
        await using var again = await app.OpenAsync(lastEventId: last);
        Assert.Equal("start", (await again.NextAsync())!.Type);
        await Eventually.TrueAsync(() => app.Producers == 2, "The second stream has no producer.");
    }

    [Fact]
    public async Task Client_ThatMissedTheEndByAHair_GetsItWithinTheWindow()
    {
        await using var app = await StreamApp.StartAsync();
        app.Send(1, 2);
        app.Feed.Writer.Complete();
        string? last;
        await using (var first = await app.OpenAsync())
            last = (await first.TakeAsync(2))[^1].LastEventId;

        await using var second = await app.OpenAsync(lastEventId: last);

        Assert.Equal(["2"], (await second.RestAsync()).Select(each => each.Data));
        Assert.EndsWith(".end", second.Reader.LastEventId, StringComparison.Ordinal);
        Assert.Equal(1, app.Producers);
    }

    [Theory]
    [InlineData("/own?other=1", "ada")]
    [InlineData("/own", "eve")]
    public async Task Client_WithAnothersId_GetsAStreamOfItsOwn(string path, string user)
    {
        await using var app = await StreamApp.StartAsync(use: web => web.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, context.Request.Headers["X-User"].ToString())], "test"));
            return next(context);
        }));
        await using var first = await StreamClient.OpenAsync(app.Address, "/own", headers: ("X-User", "ada"));
        app.Send(1);
        var last = (await first.TakeAsync(2))[^1].LastEventId;

        await using var other = await StreamClient.OpenAsync(app.Address, path, last, ("X-User", user));

        Assert.Equal("start", (await other.NextAsync())!.Type);
        await Eventually.TrueAsync(() => app.Producers == 2, "It joined another's stream.");
    }

    [Fact]
    public async Task Clients_OfOneKey_ShareOneProducerAndLateOnesGetWhatWasBefore()
    {
        await using var app = await StreamApp.StartAsync();
        app.Send(1, 2, 3);
        var early = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.OpenAsync("/shared/a")));
        var read = early.Select(client => client.RestAsync()).ToArray();
        await using var first = await app.OpenAsync("/shared/a");
        await first.TakeAsync(4);
        app.Send(4);
        await using var late = await app.OpenAsync("/shared/a");
        var lateRead = late.RestAsync();
        await using var elsewhere = await app.OpenAsync("/shared/b");
        await Eventually.TrueAsync(() => app.Producers == 2, "Another key has another stream.");
        app.Feed.Writer.Complete();

        Assert.All(await Task.WhenAll(read), each => Assert.Equal(["1", "2", "3", "4"], each.Skip(1).Select(item => item.Data)));
        Assert.Equal(["1", "2", "3", "4"], (await lateRead).Skip(1).Select(item => item.Data));
        Assert.Equal(2, app.Producers);
        foreach (var client in early)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Clients_OfOneKey_KeepTheProducerUntilTheLastHasGone()
    {
        await using var app = await StreamApp.StartAsync(options => options.ResumeWindow = TimeSpan.Zero);
        await using var stays = await app.OpenAsync("/shared/a");
        await using (await app.OpenAsync("/shared/a"))
        {
            await Eventually.TrueAsync(() => app.Count("headroom.http.stream.open") == 2, "Two clients.");
        }

        await Eventually.TrueAsync(() => app.Count("headroom.http.stream.open") == 1, "One client.");
        app.Send(1);
        Assert.Equal(["start", "message"], (await stays.TakeAsync(2)).Select(each => each.Type));
        await stays.DisposeAsync();
        await Eventually.TrueAsync(() => app.Running == 0, "The producer goes on.");
    }

    [Fact]
    public async Task Client_ThatComesAfterItsEventsHaveLeftTheBuffer_IsToldHowManyItMissed()
    {
        await using var app = await StreamApp.StartAsync(options => options.BufferEvents = 4);
        await using var stays = await app.OpenAsync("/shared/a");
        string? last;
        await using (var first = await app.OpenAsync("/shared/a"))
        {
            app.Send(1);
            last = (await first.TakeAsync(2))[^1].LastEventId;
        }

        foreach (var number in Enumerable.Range(2, 9))
        {
            app.Send(number);
            while ((await stays.NextAsync())!.Data != number.ToString(CultureInfo.InvariantCulture))
            {
            }
        }

        await using var back = await app.OpenAsync("/shared/a", last);

        var read = await back.TakeAsync(5);
        Assert.Equal(new ReadEvent("missed", """{"events":5}""", ""), read[0]);
        Assert.Equal(["7", "8", "9", "10"], read.Skip(1).Select(each => each.Data));
    }

    [Fact]
    public async Task Client_OfAFailedKey_GetsANewProducer()
    {
        await using var app = await StreamApp.StartAsync(use: web =>
        {
            var attempt = 0;
            web.MapGet("/flaky", () => HeadroomResults.EventStream(
                _ => Interlocked.Increment(ref attempt) == 1 ? throw new InvalidOperationException() : new[] { new ServerSentEvent("fine") }.ToAsyncEnumerable(), "key"));
        });
        await using var first = await app.OpenAsync("/flaky");
        Assert.Equal("error", (await first.RestAsync())[^1].Type);

        await using var second = await app.OpenAsync("/flaky");

        Assert.Equal("fine", (await second.RestAsync())[^1].Data);
    }

    [Fact]
    public async Task Producer_WithIdsOfItsOwn_GoesOnAfterTheClientsLast()
    {
        await using var app = await StreamApp.StartAsync(use: web => web.MapGet("/journal", (HttpRequest request) =>
        {
            var after = int.Parse(request.LastEventId() ?? "0", CultureInfo.InvariantCulture);
            return HeadroomResults.EventStream(_ => Enumerable.Range(after + 1, 3).Select(number => new ServerSentEvent($"entry {number}") { Id = $"{number}" }).ToAsyncEnumerable());
        }));
        await using var first = await app.OpenAsync("/journal");
        var last = (await first.TakeAsync(4))[^1];
        await using var second = await app.OpenAsync("/journal", last.LastEventId);
        var rest = await second.RestAsync();
        await using var third = await app.OpenAsync("/journal", second.Reader.LastEventId);

        Assert.Equal(new ReadEvent("message", "entry 3", "3"), last);
        Assert.Equal(["entry 4", "entry 5", "entry 6"], rest.Skip(1).Select(each => each.Data));
        Assert.Equal(HttpStatusCode.NoContent, third.Response.StatusCode);
    }

    [Fact]
    public async Task Client_OfAKeyWithTheProducersId_GoesOnInTheRunningStream()
    {
        await using var app = await StreamApp.StartAsync();
        app.Feed.Writer.TryWrite(new ServerSentEvent("one") { Id = "offset-1" });
        app.Feed.Writer.TryWrite(new ServerSentEvent("two") { Id = "offset-2" });
        await using var stays = await app.OpenAsync("/shared/a");
        await stays.TakeAsync(3);

        await using var back = await app.OpenAsync("/shared/a", "offset-1");

        Assert.Equal(new ReadEvent("message", "two", "offset-2"), await back.NextAsync());
        Assert.Equal(1, app.Producers);
    }

    [Fact]
    public async Task Clients_ThatComeAndGoAtRandom_SeeEveryEventOnceAndInOrder()
    {
        const int Events = 400;
        var seed = Seed.Printed(output);
        await using var app = await StreamApp.StartAsync(options => options.BufferEvents = Events);
        var clients = Enumerable.Range(0, 12).Select(number => WatchAsync(app, new Random(seed + number))).ToArray();
        var random = new Random(seed);
        for (var sent = 0; sent < Events;)
        {
            var burst = Math.Min(random.Next(1, 30), Events - sent);
            app.Send(Enumerable.Range(sent, burst));
            sent += burst;
            await Task.Delay(random.Next(8), TestContext.Current.CancellationToken);
        }

        app.Feed.Writer.Complete();
        var all = Enumerable.Range(0, Events).Select(number => number.ToString(CultureInfo.InvariantCulture)).ToArray();
        Assert.All(await Task.WhenAll(clients), read => Assert.Equal(all, read));
        Assert.Equal(1, app.Producers);
    }

    static async Task<List<string>> WatchAsync(StreamApp app, Random random)
    {
        var read = new List<string>();
        var last = "";
        while (true)
        {
            await using var client = await app.OpenAsync("/shared/all", last.Length == 0 ? null : last);
            if (client.Response.StatusCode == HttpStatusCode.NoContent)
                return read;
            for (var patience = random.Next(1, 80); patience > 0; patience--)
            {
                if (await client.NextAsync() is not { } item)
                    break;
                Assert.NotEqual("missed", item.Type);
                if (item.Type == "message")
                    read.Add(item.Data);
            }

            last = client.Reader.LastEventId;
        }
    }
}
