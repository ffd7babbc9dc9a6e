using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.Tests;

/// <summary>An application on a real Kestrel and a free loopback port, and a client that changes nothing of what it receives.</summary>
internal sealed class HttpApp : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient client;

    HttpApp(WebApplication app)
    {
        this.app = app;
        var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, UseCookies = false, AllowAutoRedirect = false };
        client = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public Uri Address => client.BaseAddress!;

    public IServiceProvider Services => app.Services;

    public static async Task<HttpApp> StartAsync(Action<WebApplication> use, Action<IServiceCollection>? add = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        add?.Invoke(builder.Services);
        var built = builder.Build();
        use(built);
        await built.StartAsync(TestContext.Current.CancellationToken);
        return new HttpApp(built);
    }

    /// <summary>Sends a request with these headers, each "Name: value", and waits for the whole answer.</summary>
    public Task<HttpResponseMessage> GetAsync(string path, params string[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params string[] headers) =>
        SendAsync(method, path, HttpCompletionOption.ResponseContentRead, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpCompletionOption until, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]);
        }

        return await client.SendAsync(request, until, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends content that was encoded already.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, byte[] content, string contentType, params string[] contentEncodings)
    {
        using var body = new ByteArrayContent(content);
        body.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var coding in contentEncodings)
            body.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return await client.PostAsync(new Uri(path, UriKind.Relative), body, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }
}

internal static class HttpResponseMessageExtensions
{
    /// <summary>A header's value as it was sent, whether the client counts it to the content or not; null when it is absent.</summary>
    public static string? Header(this HttpResponseMessage response, string name)
    {
        if (response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values))
            return string.Join(", ", values);
        return null;
    }

    public static Task<byte[]> BytesAsync(this HttpResponseMessage response) =>
        response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

    public static Task<string> TextAsync(this HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
