using Headroom.Http;
using Headroom.Http.Benchmarks;

// HttpBenchmark MODE URL: one of the servers that benchmarks/http/run compares. HttpBenchmark nothing: what a feature costs that is on and has nothing to do. HttpBenchmark apikeys, HttpBenchmark ratelimits: what API keys and rate limits cost.
if (args is ["nothing", ..])
{
    await NothingToDo.PrintAsync();
    return;
}

if (args is ["apikeys", ..])
{
    await ApiKeyChecks.PrintAsync();
    return;
}

if (args is ["ratelimits", ..])
{
    await RateLimitChecks.PrintAsync();
    return;
}

var (mode, url) = (args[0], args[1]);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(url);
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContentJson.Default));
if (mode is "headroom")
    builder.AddHeadroom();
if (mode.StartsWith("output-cache", StringComparison.Ordinal))
    builder.Services.AddOutputCache();
if (mode is "output-cache-inside" or "output-cache-outside" or "compressed-json")
    builder.Services.AddResponseCompression(compression => compression.EnableForHttps = true);

var app = builder.Build();
app.UseRouting();
switch (mode)
{
    case "limit":
        Limit.Map(app);
        break;
    case "json":
        app.MapGet("/data", Content.Make);
        break;
    case "output-cache":
        app.UseOutputCache();
        MapData().CacheOutput(policy => policy.Expire(TimeSpan.FromHours(1)));
        break;
    case "output-cache-inside":
        // The cache keeps compressed bytes, told apart by Accept-Encoding.
        app.UseOutputCache();
        app.UseResponseCompression();
        MapData().CacheOutput(policy => policy.Expire(TimeSpan.FromHours(1)).SetVaryByHeader("Accept-Encoding"));
        break;
    case "output-cache-outside":
        // As usually configured: plain content in the cache, compressed for every hit.
        app.UseResponseCompression();
        app.UseOutputCache();
        MapData().CacheOutput(policy => policy.Expire(TimeSpan.FromHours(1)));
        break;
    case "headroom":
        app.UseHeadroom();
        MapData().CacheResponse(policy => policy.For(TimeSpan.FromHours(1)));
        Limit.Map(app);
        break;
    default:
        throw new ArgumentException($"'{mode}' is not a mode", nameof(args));
}

await app.RunAsync();

RouteHandlerBuilder MapData() => app.MapGet("/data", (HttpContext context) =>
{
    if (mode != "headroom")
        context.Response.Headers.ETag = "\"v1\"";
    return TypedResults.Json(Content.Make(), ContentJson.Default.MessageArray);
});
