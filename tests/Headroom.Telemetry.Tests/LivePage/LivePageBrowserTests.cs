using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Headroom.Telemetry.Tests.LivePage;

/// <summary>The page as a person meets it: in a real Chromium, while requests come in.</summary>
public sealed class LivePageBrowserTests : IAsyncLifetime
{
    const string Contrast = """
        () => {
            const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
            const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
            const luminance = ([r, g, b]) => [r, g, b].map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
                .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = element => {
                for (let at = element; at; at = at.parentElement) { const colour = rgba(getComputedStyle(at).backgroundColor); if (colour[3] === 255) return colour; }
                return [255, 255, 255, 255];
            };
            const found = [];
            const texts = document.createTreeWalker(document.getElementById("app"), NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const element = texts.currentNode.parentElement;
                if (texts.currentNode.textContent.trim() === "" || element.closest("[hidden], .uplot")) continue;
                const [light, dark] = [luminance(rgba(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
                if ((light + 0.05) / (dark + 0.05) < 4.5) found.push(texts.currentNode.textContent);
            }
            return [...new Set(found)];
        }
        """;

    IPlaywright playwright = null!;
    IBrowser browser = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

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

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_UnderLoad_ShowsWhatHappensAndAsksNobodyElse(ColorScheme colours, int width)
    {
        await using var app = await LiveApp.StartAsync(web =>
        {
            web.MapHeadroomLive();
            web.MapGet("/items/{id}", (int id) => "x");
            web.MapGet("/broken", () => Results.StatusCode(503));
        });
        var caches = app.Services.GetRequiredService<CacheMetrics>();
        var limits = app.Services.GetRequiredService<RateLimitMetrics>();
        using var load = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] sending = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; !load.IsCancellationRequested; i++)
                {
                    using var answer = await app.Client.GetAsync(i % 5 == 0 ? "/broken" : $"/items/{i}", Token);
                    caches.Hit("<b>hostile</b>");
                    limits.Blocked("burst");
                }
            },
            Token))];

        var complaints = new ConcurrentQueue<string>();
        var requests = new ConcurrentQueue<string>();
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ColorScheme = colours, ReducedMotion = ReducedMotion.Reduce, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        var page = await context.NewPageAsync();
        page.Console += (_, message) => complaints.Enqueue($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Request += (_, request) => requests.Enqueue(request.Url);
        await page.GotoAsync(new Uri(app.Client.BaseAddress!, "/headroom").ToString());
        await page.Locator("html[data-ready]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await page.WaitForFunctionAsync("() => /[1-9]/.test(document.querySelector('[data-figure=rate]').textContent) && document.querySelectorAll('.plot canvas').length === 6");

        Assert.EndsWith("/s", await TextAsync(page, "rate"), StringComparison.Ordinal);
        foreach (var figure in new[] { "p50", "p95", "p99" })
            Assert.Matches("^[0-9.,]+ (µs|ms|s)$", await TextAsync(page, figure));
        Assert.Matches("^[12][0-9.]* %$", await TextAsync(page, "errors"));
        Assert.Equal("100 %", await TextAsync(page, "hits"));
        Assert.Equal("100 %", await TextAsync(page, "blocked"));
        Assert.Matches("^[0-9.]+ MB$", await TextAsync(page, "memory"));
        var rows = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('#endpoints tbody th')].map(cell => cell.textContent)");
        Assert.Equal(["GET /items/{id}", "GET /broken"], rows);
        Assert.Equal(["<b>hostile</b>"], await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('#caches tbody th')].map(cell => cell.textContent)"));

        // It goes on by itself, once a second.
        var before = await page.EvaluateAsync<int>("() => { window.changes = 0; new MutationObserver(() => window.changes++).observe(document.querySelector('#endpoints tbody'), { childList: true }); return 0; }");
        await page.WaitForFunctionAsync("() => window.changes >= 2");
        Assert.Equal(0, before);

        Assert.Empty(await page.EvaluateAsync<string[]>(Contrast));
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "the page is wider than its window");
        Assert.Equal("none", await page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('.live-status'), '::before').animationName"));
        Assert.Equal(6, await page.EvaluateAsync<int>("() => document.querySelectorAll('.plot[role=img][aria-label]').length"));
        Assert.Equal(1, await page.EvaluateAsync<int>("() => document.querySelectorAll('h1').length"));
        await KeepScreenshotAsync(page, $"live-{colours.ToString().ToLowerInvariant()}");

        await PauseByKeyboardAsync(page);
        await load.CancelAsync();
        await Task.WhenAll(sending);
        Assert.Empty(complaints);
        Assert.All(requests, url => Assert.Matches("/headroom(/events)?$|^data:", url));
    }

    [Fact]
    public async Task Page_ServerGoesAway_SaysSo()
    {
        var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(app.Client.BaseAddress!, "/headroom").ToString());
        await page.Locator("html[data-state=live]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });

        await app.DisposeAsync();

        await page.Locator("html[data-state=lost]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        Assert.Contains("connection is lost", await page.Locator("[role=status]").TextContentAsync(), StringComparison.Ordinal);
    }

    /// <summary>What moves by itself can be stopped (WCAG 2.2.2), without a mouse.</summary>
    static async Task PauseByKeyboardAsync(IPage page)
    {
        var pause = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pause" });
        await page.Keyboard.PressAsync("Tab");
        Assert.True(await pause.EvaluateAsync<bool>("button => button === document.activeElement"));
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("true", await pause.GetAttributeAsync("aria-pressed"));
        await page.EvaluateAsync("() => { window.changes = 0; }");
        await Task.Delay(2500, Token);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.changes"));
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForFunctionAsync("() => window.changes >= 1");
    }

    static async Task<string> TextAsync(IPage page, string figure) => await page.Locator($"[data-figure={figure}]").TextContentAsync() ?? "";

    static async Task KeepScreenshotAsync(IPage page, string name)
    {
        var folder = RepositoryRoot.Combine("artifacts", "screenshots");
        Directory.CreateDirectory(folder);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}
