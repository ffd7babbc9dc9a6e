using System.Runtime.CompilerServices;
using Headroom.Http.Concurrency;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Headroom.Http.Limits;

/// <summary>An endpoint's own timeout; null for none.</summary>
internal sealed record TimeoutMetadata(TimeSpan? Timeout);

/// <summary>How long a request may take.</summary>
/// <param name="Timeout">The time.</param>
/// <param name="IsForAll">Whether it is for the whole request, as an endpoint says of itself, or until the answer begins.</param>
internal sealed record RequestTime(TimeSpan Timeout, bool IsForAll);

/// <summary>The times of an application's endpoints.</summary>
internal sealed class RequestTimes(TimeSpan? standard)
{
    readonly ConditionalWeakTable<Endpoint, StrongBox<RequestTime?>> byEndpoint = [];
    readonly RequestTime? withoutEndpoint = standard is { } timeout ? new RequestTime(timeout, IsForAll: false) : null;

    /// <summary>Null: as long as it takes.</summary>
    public RequestTime? Of(Endpoint? endpoint)
    {
        if (endpoint is null)
            return withoutEndpoint;
        return (byEndpoint.TryGetValue(endpoint, out var known) ? known : byEndpoint.GetValue(endpoint, asked => new StrongBox<RequestTime?>(Find(asked)))).Value;
    }

    RequestTime? Find(Endpoint endpoint)
    {
        // The last word is the endpoint's, whichever of the ways it is said in.
        for (var i = endpoint.Metadata.Count - 1; i >= 0; i--)
        {
            switch (endpoint.Metadata[i])
            {
                case TimeoutMetadata own:
                    return own.Timeout is { } timeout ? new RequestTime(timeout, IsForAll: true) : null;
                case RequestTimeoutAttribute { Timeout: { } framework }:
                    return new RequestTime(framework, IsForAll: true);
                case RequestTimeoutPolicy inPlace:
                    return inPlace.Timeout is { } given && given != System.Threading.Timeout.InfiniteTimeSpan ? new RequestTime(given, IsForAll: true) : null;
                case DisableRequestTimeoutAttribute:
                    return null;
                default:
                    break;
            }
        }

        // The framework's streams send nothing before their first event, which may be long in coming.
        return ConcurrencyLimiters.IsEventStream(endpoint) ? null : withoutEndpoint;
    }
}
