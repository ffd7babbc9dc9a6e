using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Answers;
using Headroom.Http.ResponseCache.Exchanges;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>What every run of the origin needs.</summary>
internal sealed record OriginRuns(
    RequestDelegate Next,
    ResponseStore Store,
    ExchangeTable Exchanges,
    OriginResponse Responses,
    StoredAnswer Answer,
    Compressible Compressible,
    ResponseCacheOptions Options,
    TimeProvider Time,
    ILogger Logger);
