using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>
/// The conditions that the origin is asked with (RFC 9111 §4.3.1): those of the stored response in place of the client's, whose own are answered from what comes back. Puts the client's back afterwards.
/// </summary>
internal sealed class ForwardedConditions
{
    static readonly string[] Names = ["If-None-Match", "If-Modified-Since", "Range", "If-Range"];

    readonly IHeaderDictionary headers;
    readonly KeyValuePair<string, StringValues>[] replaced;

    ForwardedConditions(IHeaderDictionary headers)
    {
        this.headers = headers;
        replaced = [.. Names.Where(headers.ContainsKey).Select(name => KeyValuePair.Create(name, headers[name]))];
        foreach (var name in Names)
            headers.Remove(name);
    }

    string? askedTag;
    string? askedDate;

    /// <summary>The stored response has a validator: a 304 is about it, if <see cref="AreConfirmedBy"/> says so.</summary>
    public bool AreOfStored { get; private init; }

    /// <summary>Whether a 304 is about what was asked for.</summary>
    public bool AreConfirmedBy(IHeaderDictionary notModified) => Validation.Selects(notModified, askedTag, askedDate);

    /// <summary>All of it is wanted, whatever the client has.</summary>
    public static ForwardedConditions None(CacheRequest request) => new(request.Context.Request.Headers);

    /// <summary>Null: the client's conditions go on as they are.</summary>
    public static ForwardedConditions? Apply(CacheRequest request, StoredResponse? stored)
    {
        var asked = request.Context.Request.Headers;
        var tag = stored is { Head.TagIsOrigins: true } ? stored.Head.Tag : null;
        var modified = stored?.LastModified.Count == 1 ? stored.LastModified.ToString() : null;
        if (tag is null && modified is null)
        {
            // Where the endpoint's responses are certainly stored, all of it is wanted. Elsewhere the origin may answer 304 to the client itself.
            return request.Policy is not null && Names.Any(asked.ContainsKey) ? new ForwardedConditions(asked) : null;
        }

        var applied = new ForwardedConditions(asked) { AreOfStored = true, askedTag = tag, askedDate = modified };
        if (tag is not null)
            asked.IfNoneMatch = tag;
        if (modified is not null)
            asked.IfModifiedSince = modified;
        return applied;
    }

    public void Restore()
    {
        foreach (var name in Names)
            headers.Remove(name);
        foreach (var (name, value) in replaced)
            headers[name] = value;
    }
}
