using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;

namespace Headroom.Http.Tests.Streaming;

/// <summary>A real browser's EventSource reads what is written, comes back by itself, and stops when the stream has ended.</summary>
public sealed class ChromiumEventSourceTests : IAsyncLifetime
{
    const string Collect = """
        ([path, types]) => new Promise(resolve => {
            const events = [];
            const source = new EventSource(path);
            let opened = 0;
            for (const type of types) source.addEventListener(type, event => {
                // A lost connection is an error event too, without data.
                if (event instanceof MessageEvent) events.push([event.type, event.data, event.lastEventId]);
            });
            source.onopen = () => opened++;
            const watch = setInterval(() => {
                if (source.readyState === EventSource.CLOSED) { clearInterval(watch); resolve(JSON.stringify({ events, opened })); }
            }, 20);
        })
        """;

    IPlaywright playwright = null!;
    IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        var executable = Require.Chromium();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }

    [Fact]
    public async Task EventSource_OfTheWholeTable_DispatchesWhatTheStandardSaysAndStopsAtTheEnd()
    {
        var asked = 0;
        await using var app = await StreamApp.StartAsync(
            options => (options.SendStart, options.Retry) = (false, TimeSpan.FromMilliseconds(20)),
            web => web.MapGet("/table", () => HeadroomResults.EventStream(_ => Counted())));

        var (events, opened) = await CollectAsync(app, "/table", [.. EventTable.Rows.Select(row => row.Expected.Type).Distinct()]);

        // Without an id of its own an event has the stream's, which only tells where it is.
        Assert.Equal(EventTable.Rows.Select(row => (row.Expected.Type, row.Expected.Data)), events.Select(each => (each.Type, each.Data)));
        Assert.Equal(
            EventTable.Rows.Where(row => row.Event.Id is not null).Select(row => row.Event.Id),
            EventTable.Rows.Zip(events).Where(pair => pair.First.Event.Id is not null).Select(pair => pair.Second.LastEventId));
        Assert.Equal((1, 1), (opened, asked));

        IAsyncEnumerable<ServerSentEvent> Counted()
        {
            asked++;
            return EventTable.Rows.Select(row => row.Event).ToAsyncEnumerable();
        }
    }

    [Fact]
    public async Task EventSource_WhoseConnectionIsCutAgainAndAgain_MissesNothingAndStopsAtTheEnd()
    {
        const int Events = 60;
        var asked = 0;
        var cut = 0;
        await using var app = await StreamApp.StartAsync(
            options => options.Retry = TimeSpan.FromMilliseconds(20),
            web =>
            {
                web.Use(async (context, next) =>
                {
                    // A proxy that loses patience, four times.
                    if (context.Request.Path == "/numbers" && Interlocked.Increment(ref cut) <= 4)
                        _ = Task.Delay(120).ContinueWith(_ => context.Abort(), TaskScheduler.Default);
                    await next(context);
                });
                web.MapGet("/numbers", () => HeadroomResults.EventStream(NumbersAsync));
            });

        var (events, opened) = await CollectAsync(app, "/numbers", ["start", "message", "missed", "error"]);

        Assert.Equal("start", events[0].Type);
        Assert.Equal(Enumerable.Range(0, Events).Select(number => ("message", $"{number}")), events.Skip(1).Select(each => (each.Type, each.Data)));
        Assert.True(opened >= 4, $"It connected {opened} times.");
        Assert.Equal(1, asked);

        async IAsyncEnumerable<ServerSentEvent> NumbersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            asked++;
            for (var number = 0; number < Events; number++)
            {
                await Task.Delay(12, cancellationToken);
                yield return new ServerSentEvent($"{number}");
            }
        }
    }

    [Fact]
    public async Task EventSource_OfAFailingProducer_GetsTheProblemOnceAndDoesNotAskAgain()
    {
        var asked = 0;
        await using var app = await StreamApp.StartAsync(
            options => options.Retry = TimeSpan.FromMilliseconds(20),
            web => web.MapGet("/failing", () => HeadroomResults.EventStream(_ => ++asked > 0 ? throw new InvalidOperationException() : AsyncEnumerable.Empty<ServerSentEvent>())));

        var (events, _) = await CollectAsync(app, "/failing", ["start", "message", "error"]);

        Assert.Equal(["start", "error"], events.Select(each => each.Type));
        Assert.Equal(500, JsonElement.Parse(events[1].Data).GetProperty("status").GetInt32());
        Assert.Equal(1, asked);
    }

    async Task<(List<ReadEvent> Events, int Opened)> CollectAsync(StreamApp app, string path, string[] types)
    {
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        await page.RouteAsync("**/page", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html><title>t</title>" }));
        await page.GotoAsync(new Uri(app.Address, "/page").AbsoluteUri);
        var json = JsonElement.Parse(await page.EvaluateAsync<string>(Collect, new object[] { path, types }).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        var events = json.GetProperty("events").EnumerateArray().Select(each => new ReadEvent(each[0].GetString()!, each[1].GetString()!, each[2].GetString()!)).ToList();
        return (events, json.GetProperty("opened").GetInt32());
    }
}
