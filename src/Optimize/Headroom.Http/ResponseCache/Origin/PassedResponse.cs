using Headroom.Http.CacheHeaders;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>
/// A response that passes by the cache because those before it for the same key could not be stored, or because of a header of its request. When its headers are there they are looked at: if it could have been stored, the next one will be. What is told to
/// the client is what a response that turned out not to be stored says.
/// </summary>
internal sealed class PassedResponse(CacheRequest request, string key, Forwarded reason, OriginRuns parts)
{
    static readonly Func<object, Task> WhenStarting = static state =>
    {
        ((PassedResponse)state).Begin();
        return Task.CompletedTask;
    };

    public Task RunAsync()
    {
        // Registered before those of the pipeline behind, so it runs after them and sees what they set: a session's cookie, for one.
        request.Context.Response.OnStarting(WhenStarting, this);
        return parts.Next(request.Context);
    }

    void Begin()
    {
        var context = request.Context;
        CacheHeadersMetadata.Apply(context);
        var response = context.Response;
        var notStored = parts.Responses.Read(request, response.StatusCode, response.Headers, parts.Time.GetUtcNow()).Reason;
        if (notStored == NotStored.No)
            parts.Unshared.Forget(key, request.IsAuthorized);
        else if (!request.IsUnkeyed)
            parts.Unshared.Remember(key, request.IsAuthorized, Storing.WillRecur(notStored, response.StatusCode));
        response.Headers.Append("Cache-Status", parts.Options.Debug ? Debugged(notStored) : parts.PassedFor(reason));
    }

    string Debugged(NotStored notStored) =>
        new CacheStatus { Forward = reason, Key = key, Detail = notStored == NotStored.No ? null : notStored.ToString() }.Format(parts.Options.Name);
}
