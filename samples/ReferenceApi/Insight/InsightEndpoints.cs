using Headroom.Http;
using Headroom.Telemetry;
using ReferenceApi.Caching;
using ReferenceApi.Hosting;

namespace ReferenceApi.Insight;

/// <summary>Statistics over what the assistants did, and over the API itself.</summary>
internal static class InsightEndpoints
{
    public static void MapInsight(this IEndpointRouteBuilder app, FeatureSet features)
    {
        var overview = app.MapGet("/api/iris/overview", GetOverview)
            .KeepAnswers(ResponseCacheTags.Overview, TimeSpan.FromSeconds(30));
        if (features[Feature.ConditionalRequests])
            overview.WithETag();

        app.MapTelemetrySummary("/api/metrics");
        app.MapPrometheus("/metrics");
    }

    private static async Task<IResult> GetOverview(InsightQueries insight, CancellationToken cancellationToken) =>
        TypedResults.Ok(await insight.ReadOverviewAsync(cancellationToken));
}
