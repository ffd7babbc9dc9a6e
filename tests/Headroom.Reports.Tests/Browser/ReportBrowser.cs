using Headroom.Reports.Tests.Browser;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(ReportBrowser))]

namespace Headroom.Reports.Tests.Browser;

/// <summary>One headless Chromium for all tests, started by the first that needs it; each test gets a page with nothing remembered.</summary>
public sealed class ReportBrowser : IAsyncLifetime
{
    private static readonly string[] Arguments =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly SemaphoreSlim _starting = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-reports-").FullName;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _starting.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Writes the report and opens it from its file, as a person would.</summary>
    internal Task<OpenReport> OpenAsync(ReportInput input, int width, ColorScheme colours)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.html");
        HtmlReport.Write(path, input);
        return OpenFileAsync(path, width, colours);
    }

    internal async Task<OpenReport> OpenFileAsync(string path, int width, ColorScheme colours)
    {
        var browser = await StartAsync(Require.Chromium());
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = colours,
            // Neither the reader's language nor where they are may change a figure.
            Locale = "de-DE",
            TimezoneId = "Asia/Kolkata",
        });
        return await OpenReport.OpenAsync(await context.NewPageAsync(), new Uri(path).AbsoluteUri);
    }

    private async Task<IBrowser> StartAsync(string executable)
    {
        await _starting.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = executable, Args = Arguments });
        }
        finally
        {
            _starting.Release();
        }
    }
}
