using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Headroom.Reports.Tests.Browser;

/// <summary>A report on a page, with all that the page complained of and asked for.</summary>
internal sealed class OpenReport : IAsyncDisposable
{
    private const int TimeoutMs = 20_000;

    private const string ContrastScript = """
        () => {
            const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
            const rgba = (colour) => {
                canvas.clearRect(0, 0, 1, 1);
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data];
            };
            const luminance = ([r, g, b]) => [r, g, b].map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
                .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = (element) => {
                for (let at = element; at; at = at.parentElement) {
                    const colour = rgba(getComputedStyle(at).backgroundColor);
                    if (colour[3] === 255) return colour;
                }
                return [255, 255, 255, 255];
            };
            const found = [];
            const texts = document.createTreeWalker(document.getElementById("app"), NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const element = texts.currentNode.parentElement;
                const text = texts.currentNode.textContent.trim();
                if (text === "" || element.closest("[hidden], .visually-hidden, option, .uplot")) continue;
                const style = getComputedStyle(element);
                const [light, dark] = [luminance(rgba(style.color)), luminance(ground(element))].sort((a, b) => b - a);
                const ratio = (light + 0.05) / (dark + 0.05);
                const size = parseFloat(style.fontSize);
                const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
                if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 60)}`);
            }
            return [...new Set(found)];
        }
        """;

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private OpenReport(IPage page) => Page = page;

    public IPage Page { get; }

    public static async Task<OpenReport> OpenAsync(IPage page, string address)
    {
        var report = new OpenReport(page);
        page.SetDefaultTimeout(TimeoutMs);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                report._complaints.Enqueue($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => report._complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (request.Url != address && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                report._requests.Enqueue(request.Url);
        };
        await page.GotoAsync(address);
        await page.Locator("html[data-ready]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        return report;
    }

    /// <summary>Neither a complaint in the console nor a request for anything but the page itself.</summary>
    public void AssertQuiet()
    {
        Assert.Empty(_complaints);
        Assert.Empty(_requests);
    }

    /// <summary>Waits until every chart is drawn.</summary>
    public async Task ChartsDrawnAsync() =>
        await Page.WaitForFunctionAsync("() => [...document.querySelectorAll('.plot')].every(plot => plot.querySelector('canvas'))");

    /// <summary>Nothing, or how much wider than the window the page is, and the elements that stick out of it.</summary>
    public async Task<IReadOnlyList<string>> StickingOutAsync() => await Page.EvaluateAsync<string[]>("""
        () => {
            const { scrollWidth, clientWidth } = document.documentElement;
            if (scrollWidth <= clientWidth) return [];
            const out = [...document.querySelectorAll("#app *")].filter(element => element.getBoundingClientRect().right > clientWidth + 0.5);
            return [`${scrollWidth} px in ${clientWidth} px`, ...out.slice(0, 5).map(element => `${element.tagName}.${element.getAttribute("class")}: ${element.textContent.slice(0, 60)}`)];
        }
        """);

    public Task<bool> IsDarkAsync() =>
        Page.EvaluateAsync<bool>("() => getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).slice(0, 3).every(part => part < 64)");

    /// <summary>Endpoint names in the order of the table.</summary>
    public async Task<IReadOnlyList<string>> EndpointNamesAsync() =>
        await Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.sortable tbody th')].map(cell => cell.textContent)");

    /// <summary>The endpoint table: for each name its cells' texts by column.</summary>
    public async Task<IReadOnlyDictionary<string, Dictionary<string, string>>> EndpointRowsAsync()
    {
        var rows = await Page.EvaluateAsync<Dictionary<string, Dictionary<string, string>>>("""
            () => Object.fromEntries([...document.querySelectorAll('.sortable tbody tr')].map(row =>
                [row.querySelector('th').textContent, Object.fromEntries([...row.querySelectorAll('td')].map(cell => [cell.dataset.column, cell.textContent]))]))
            """);
        return rows;
    }

    /// <summary>Visible texts whose contrast with what is behind them is below WCAG 2.2 AA: 4.5 to 1, or 3 to 1 for large text.</summary>
    public async Task<IReadOnlyList<string>> TextBelowContrastAsync() => await Page.EvaluateAsync<string[]>(ContrastScript);

    /// <summary>Keeps a picture under artifacts/screenshots, where CI collects it.</summary>
    public async Task KeepScreenshotAsync(string name, bool fullPage = true)
    {
        await ChartsDrawnAsync();
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = ScreenshotPath(name), FullPage = fullPage });
    }

    /// <summary>Keeps a picture from the top of the page to the end of an element.</summary>
    public async Task KeepPictureDownToAsync(string selector, string name)
    {
        var bottom = await Page.Locator(selector).EvaluateAsync<double>("element => element.getBoundingClientRect().bottom + scrollY + 24");
        var width = Page.ViewportSize!.Width;
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = ScreenshotPath(name), FullPage = true, Clip = new Clip { X = 0, Y = 0, Width = width, Height = (float)Math.Ceiling(bottom) } });
    }

    private static string ScreenshotPath(string name)
    {
        var folder = RepositoryRoot.Combine("artifacts", "screenshots");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name + ".png");
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
