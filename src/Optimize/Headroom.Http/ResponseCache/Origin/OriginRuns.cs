using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Answers;
using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>What every run of the origin needs.</summary>
internal sealed record OriginRuns(
    RequestDelegate Next,
    ResponseStore Store,
    ExchangeTable Exchanges,
    UnsharedKeys Unshared,
    OriginResponse Responses,
    StoredAnswer Answer,
    Compressible Compressible,
    ResponseCacheOptions Options,
    TimeProvider Time,
    ILogger Logger)
{
    readonly string passedForUri = new CacheStatus { Forward = Forwarded.UriMiss }.Format(Options.Name);
    readonly string passedForVary = new CacheStatus { Forward = Forwarded.VaryMiss }.Format(Options.Name);

    /// <summary>What a response says that was not stored.</summary>
    public string PassedFor(Forwarded reason) => reason switch
    {
        Forwarded.UriMiss => passedForUri,
        Forwarded.VaryMiss => passedForVary,
        _ => new CacheStatus { Forward = reason }.Format(Options.Name),
    };
}
