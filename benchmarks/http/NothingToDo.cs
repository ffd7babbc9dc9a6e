using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Benchmarks;

/// <summary>
/// Nanoseconds that a feature adds to a request that it has nothing to do for, callbacks at the response's start included: the pipeline with it less the pipeline without, medians.
/// </summary>
internal static class NothingToDo
{
    private const int Times = 200_000;

    public static async Task PrintAsync()
    {
        (string Name, Action<IApplicationBuilder> Use)[] pipelines =
        [
            ("nothing", _ => { }),
            ("response cache", app => app.UseHeadroomResponseCache()),
            ("compression, request without Accept-Encoding", app => app.UseHeadroomCompression()),
            ("conditional requests", app => app.UseConditionalRequests()),
            ("limits: time and body", app => app.UseHeadroomLimits()),
            ("concurrency limit with room", app => app.UseHeadroomConcurrency()),
            ("UseHeadroom", app => app.UseHeadroom()),
        ];
        var medians = await InterleavedRounds.MeasureAsync([.. pipelines.Select(pipeline => Requests(pipeline.Use))], Times);
        for (var i = 1; i < pipelines.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {pipelines[i].Name} | {medians[i].Nanoseconds - medians[0].Nanoseconds:0} ns |"));
    }

    private static Func<int, Task> Requests(Action<IApplicationBuilder> use)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddHeadroom();
        builder.Services.AddHeadroomConcurrency(concurrency =>
        {
            concurrency.Global = "all";
            concurrency.AddPolicy("all", policy => policy.Limit = 100);
        });
        var host = builder.Build();
        var app = new ApplicationBuilder(host.Services);
        use(app);
        app.Run(static context =>
        {
            context.Response.ContentType = "image/png";
            return ((Starting)context.Features.Get<IHttpResponseFeature>()!).StartAsync();
        });
        var run = app.Build();
        var context = new DefaultHttpContext { RequestServices = host.Services };
        context.Features.Set<IHttpResponseFeature>(new Starting());
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        context.Request.Method = "GET";
        context.Request.Path = "/";
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(), "endpoint"));
        return async times =>
        {
            // Each round a life of its own: what a feature puts around it is not put around that of the round before.
            context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
            for (var i = 0; i < times; i++)
                await run(context);
        };
    }

    /// <summary>As a server says of a GET.</summary>
    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
