using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.Otlp.Tests;

/// <summary>The spans of requests as they are exported. They are read where they end: a message also has those of the client in this process.</summary>
public sealed class RequestSpansTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/orders/7", "GET /orders/{id}", "/orders/{id}", 200, null)]
    [InlineData("GET", "/nothing", "GET", null, 404, null)]
    [InlineData("GET", "/refused", "GET /refused", "/refused", 503, "503")]
    [InlineData("GET", "/fails/7", "GET /fails/{id}", "/fails/{id}", 500, "System.InvalidOperationException")]
    [InlineData("GET", "/handled", "GET /handled", "/handled", 500, "System.FormatException")]
    [InlineData("GET", "/too-large", "GET /too-large", "/too-large", 413, null)]
    [InlineData("PURGE", "/orders/7", "HTTP", null, 405, null)]
    [InlineData("GET", "/breaks-off", "GET /breaks-off", "/breaks-off", 200, "System.TimeoutException")]
    [InlineData("GET", "/", "GET /", "/", 200, null)]
    [InlineData("GET", "/named", "my own name", "/named", 200, null)]
    public async Task Request_Ended_IsNamedByItsRouteAndTellsItsStatus(string method, string path, string name, string? route, int status, string? error)
    {
        await using var app = await StartAsync();

        var span = await SpanAsync(app, method, path);

        Assert.Equal((name, route, status, error), (span.DisplayName, span.GetTagItem("http.route"), span.GetTagItem("http.response.status_code"), span.GetTagItem("error.type")));
        Assert.Equal(error is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, span.Status);
    }

    /// <returns>The server's span of one request.</returns>
    static async Task<Activity> SpanAsync(WebApplication app, string method, string path)
    {
        var ended = new ConcurrentQueue<Activity>();
        var address = new Uri(app.Urls.Single());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path));
        try
        {
            using var response = await client.SendAsync(request, Token);
        }
        catch (HttpRequestException)
        {
            // An answer that breaks off.
        }

        // A span ends after its answer was sent.
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(30); await Task.Delay(5, Token))
        {
            if (ended.FirstOrDefault(span => Equals(span.GetTagItem("server.port"), address.Port)) is { } found)
                return found;
        }

        throw new TimeoutException($"No span of {method} {path} ended within 30 s.");
    }

    static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9", ["OTEL_METRICS_EXPORTER"] = "none" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddHeadroomOtlp();
        var app = builder.Build();
        app.UseWhen(
            static context => context.Request.Path == "/handled",
            static branch => branch.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = static _ => Task.CompletedTask }).UseRouting().UseEndpoints(static endpoints => endpoints.MapGet("/handled", string () => throw new FormatException())));
        app.MapGet("/orders/{id}", (string id) => id);
        app.MapGet("/refused", () => Results.StatusCode(503));
        app.MapGet("/fails/{id}", string (string id) => throw new InvalidOperationException(id));
        app.MapGet("/too-large", string () => throw new BadHttpRequestException("large", 413));
        app.MapGet("/breaks-off", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("half of it", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            throw new TimeoutException();
        });
        app.MapGet("", () => "home");
        app.MapGet("/named", (HttpContext context) => Activity.Current!.DisplayName = "my own name");
        await app.StartAsync(Token);
        return app;
    }
}
