using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>An application with the response cache on a clock that the test moves.</summary>
internal sealed class CacheApp : IAsyncDisposable
{
    readonly HttpApp app;

    CacheApp(HttpApp app, IServiceProvider services, ManualTime time)
    {
        this.app = app;
        Services = services;
        Time = time;
    }

    public IServiceProvider Services { get; }

    public ManualTime Time { get; }

    public HttpApp Http => app;

    public IResponseCache Cache => Services.GetRequiredService<IResponseCache>();

    public static Task<CacheApp> StartAsync(Action<WebApplication> map, Action<ResponseCacheOptions>? configure = null, Action<IServiceCollection>? add = null) =>
        StartAsync(map, app => app.UseHeadroomResponseCache(), configure, add);

    public static async Task<CacheApp> StartAsync(Action<WebApplication> map, Action<WebApplication> use, Action<ResponseCacheOptions>? configure = null, Action<IServiceCollection>? add = null)
    {
        var time = new ManualTime();
        IServiceProvider? services = null;
        var http = await HttpApp.StartAsync(
            app =>
            {
                services = app.Services;
                app.UseRouting();
                use(app);
                map(app);
            },
            collection =>
            {
                collection.AddSingleton<TimeProvider>(time);
                collection.AddHeadroomResponseCache(configure);
                add?.Invoke(collection);
            });
        return new CacheApp(http, services!, time);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params string[] headers) => app.GetAsync(path, headers);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params string[] headers) => app.SendAsync(method, path, headers);

    public async Task<(string Text, string Status)> TextAsync(string path, params string[] headers)
    {
        using var response = await app.GetAsync(path, headers);
        return (await response.TextAsync(), response.Header("Cache-Status") ?? "");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
