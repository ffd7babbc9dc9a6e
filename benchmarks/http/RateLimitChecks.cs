using System.Globalization;
using System.Net;
using System.Security.Claims;
using Headroom.Http.RateLimits;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Benchmarks;

/// <summary>
/// What a local rate limit costs a request that it lets pass: the check alone (who is counted, that caller's limiter, its decision), and the pipeline with it less the pipeline without, header fields included; medians, and bytes
/// allocated.
/// </summary>
internal static class RateLimitChecks
{
    private const int Times = 100_000;

    public static async Task PrintAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHeadroomRateLimits(limits =>
        {
            foreach (var algorithm in Enum.GetValues<RateLimitAlgorithm>())
            {
                foreach (var by in new[] { RateLimitBy.Address, RateLimitBy.ApiKey })
                    limits.AddPolicy($"{algorithm}-{by}", policy => (policy.Algorithm, policy.By, policy.TrustApiKeyHeader, policy.Limit, policy.Window) = (algorithm, by, true, 1_000_000_000, TimeSpan.FromHours(1)));
            }
        });
        await using var host = builder.Build();
        var limiters = host.Services.GetRequiredService<RateLimiters>();

        var cases = new List<(string Name, Func<int, Task> Run, bool LessNothing)> { ("", Requests(host, null), false) };
        foreach (var algorithm in Enum.GetValues<RateLimitAlgorithm>())
        {
            cases.Add(($"{algorithm}, by address, check alone", Check(limiters[$"{algorithm}-Address"], Context(host)), false));
            cases.Add(($"{algorithm}, by `x-api-key`, check alone", Check(limiters[$"{algorithm}-ApiKey"], Context(host, withKey: true)), false));
            cases.Add(($"{algorithm}, by authenticated caller, check alone", Check(limiters[$"{algorithm}-ApiKey"], Context(host, isKnown: true)), false));
        }

        foreach (var algorithm in Enum.GetValues<RateLimitAlgorithm>())
            cases.Add(($"{algorithm}, by address, request with the fields", Requests(host, $"{algorithm}-Address"), true));
        var medians = await InterleavedRounds.MeasureAsync([.. cases.Select(one => one.Run)], Times);
        for (var i = 1; i < cases.Count; i++)
        {
            var (nanoseconds, bytes) = cases[i].LessNothing ? (medians[i].Nanoseconds - medians[0].Nanoseconds, medians[i].Bytes - medians[0].Bytes) : medians[i];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {cases[i].Name} | {nanoseconds:0} ns | {Math.Round(bytes):0} B |"));
        }
    }

    private static Func<int, Task> Check(PolicyLimiter policy, HttpContext context) => times =>
    {
        for (var i = 0; i < times; i++)
        {
            if (!policy.TryGetKey(context, out var key) || !policy.Check(key).IsAllowed)
                throw new InvalidOperationException("The limit is used up; what is measured is a request that passes.");
        }

        return Task.CompletedTask;
    };

    private static Func<int, Task> Requests(WebApplication host, string? policy)
    {
        var app = new ApplicationBuilder(host.Services);
        if (policy is not null)
            app.UseHeadroomRateLimits();
        app.Run(static context => ((Starting)context.Features.Get<IHttpResponseFeature>()!).StartAsync());
        var run = app.Build();
        var context = Context(host);
        var starting = new Starting();
        context.Features.Set<IHttpResponseFeature>(starting);
        context.SetEndpoint(new Endpoint(null, policy is null ? [] : new EndpointMetadataCollection(new RateLimitMetadata([policy])), "endpoint"));
        return async times =>
        {
            for (var i = 0; i < times; i++)
                await run(context);
            if (policy is not null && (context.Response.StatusCode != StatusCodes.Status200OK || !context.Response.Headers.ContainsKey("RateLimit-Policy")))
                throw new InvalidOperationException("What is measured is a request that passes and gets the fields.");
        };
    }

    private static DefaultHttpContext Context(WebApplication host, bool withKey = false, bool isKnown = false)
    {
        var context = new DefaultHttpContext { RequestServices = host.Services };
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        if (withKey)
            context.Request.Headers["x-api-key"] = "hr_live_0123456789abcdef0123456789abcdef";
        if (isKnown)
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "0123456789abcdef"), new Claim("organization", "acme")], "ApiKey"));
        return context;
    }
}
