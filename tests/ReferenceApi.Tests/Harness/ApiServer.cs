using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Hosting;

namespace ReferenceApi.Tests.Harness;

/// <summary>The API in this process, listening on a free loopback port, and a client that talks to it over the socket.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly HttpClient http;

    private ApiServer(WebApplication application, HttpClient http) => (this.application, this.http) = (application, http);

    public IServiceProvider Services => application.Services;

    public Uri Address => http.BaseAddress!;

    /// <summary>Starts it as the command line would, on the shared data folder unless the arguments name another.</summary>
    public static async Task<ApiServer> StartAsync(params string[] arguments)
    {
        string[] all = arguments.Contains("--data") ? arguments : [.. arguments, "--data", DataFolder.Shared];
        var options = StartOptions.Parse([.. all, "--urls", "http://127.0.0.1:0"]);
        var app = await ReferenceApiHost.StartAsync(options, new BuildOutput(TextWriter.Null, IsTerminal: false), TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        // No decoding: tests see what is on the wire. No draining: an answer that a test drops is dropped for the server, too.
        var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, UseCookies = false, MaxResponseDrainSize = 0 })
        {
            BaseAddress = new Uri(address),
            Timeout = TimeSpan.FromSeconds(60),
        };
        return new ApiServer(app, client);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead) =>
        http.SendAsync(request, completion, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return SendAsync(request);
    }

    /// <summary>The body of a 200 answer.</summary>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"GET {path} answered {(int)response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content });
    }

    /// <summary>Posts JSON and returns the body of the answer, which must have this status.</summary>
    public async Task<JsonElement> PostJsonAsync(string path, string body, HttpStatusCode expected)
    {
        using var response = await PostAsync(path, body);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"POST {path} answered {(int)response.StatusCode}: {answer}");
        return JsonElement.Parse(answer);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await application.StopAsync();
        await application.DisposeAsync();
    }
}
