using System.Diagnostics;

namespace Headroom.Reports.Tests.Prometheus;

/// <summary>Debian's Pushgateway on a free loopback port, without persistence. Dies with the test.</summary>
internal sealed class PushgatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client = new();

    private PushgatewayProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<PushgatewayProcess> StartAsync()
    {
        var program = Require.Tool("prometheus-pushgateway");
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
        var process = Process.Start(new ProcessStartInfo(program, [$"--web.listen-address={url.Authority}", "--log.level=error"]) { RedirectStandardError = true, UseShellExecute = false })!;
        _ = process.StandardError.ReadToEndAsync();
        var started = new PushgatewayProcess(process, url);
        for (var i = 0; i < 200; i++)
        {
            if (await started.IsReadyAsync())
                return started;
            await Task.Delay(50);
        }

        await started.DisposeAsync();
        throw new TimeoutException("The Pushgateway was not ready within ten seconds.");
    }

    public Task<string> ScrapeAsync() => _client.GetStringAsync(new Uri(Url, "metrics"));

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri(Url, "-/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
