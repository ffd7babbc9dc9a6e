using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Benchmarks;

/// <summary>
/// Nanoseconds that a feature adds to a request that it has nothing to do for, callbacks at the response's start included: the pipeline with it less the pipeline without, in one
/// process, in interleaved rounds, medians.
/// </summary>
internal static class NothingToDo
{
    private const int Rounds = 15;
    private const int Requests = 400_000;

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
        var built = pipelines.Select(pipeline => Build(pipeline.Use)).ToArray();
        var nanoseconds = pipelines.Select(_ => new List<double>()).ToArray();
        for (var round = -3; round < Rounds; round++)
        {
            for (var i = 0; i < built.Length; i++)
            {
                var taken = await MeasureAsync(built[i]);
                if (round >= 0)
                    nanoseconds[i].Add(taken);
            }
        }

        var medians = nanoseconds.Select(taken => taken.Order().ElementAt(Rounds / 2)).ToArray();
        for (var i = 1; i < built.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {pipelines[i].Name} | {medians[i] - medians[0]:0} ns |"));
    }

    private static (RequestDelegate Run, IServiceProvider Services) Build(Action<IApplicationBuilder> use)
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
        return (app.Build(), host.Services);
    }

    private static async Task<double> MeasureAsync((RequestDelegate Run, IServiceProvider Services) pipeline)
    {
        var endpoint = new Endpoint(null, new EndpointMetadataCollection(), "endpoint");
        var starting = new Starting();
        var context = new DefaultHttpContext { RequestServices = pipeline.Services };
        context.Features.Set<IHttpResponseFeature>(starting);
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        context.Request.Method = "GET";
        context.Request.Path = "/";
        context.SetEndpoint(endpoint);
        var from = Stopwatch.GetTimestamp();
        for (var i = 0; i < Requests; i++)
            await pipeline.Run(context);
        return Stopwatch.GetElapsedTime(from).TotalNanoseconds / Requests;
    }

    /// <summary>As a server says of a GET.</summary>
    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
