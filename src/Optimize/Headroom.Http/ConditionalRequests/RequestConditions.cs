using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headroom.Http.ConditionalRequests;

/// <summary>The conditions of a GET or HEAD request that can lead to a 304 (RFC 9110 §13.1.2, §13.1.3).</summary>
internal sealed class RequestConditions
{
    static readonly RequestConditions None = new([], false, null);

    readonly IList<EntityTagHeaderValue> tags;
    readonly bool hasIfNoneMatch;
    readonly DateTimeOffset? modifiedSince;

    RequestConditions(IList<EntityTagHeaderValue> tags, bool hasIfNoneMatch, DateTimeOffset? modifiedSince)
    {
        this.tags = tags;
        this.hasIfNoneMatch = hasIfNoneMatch;
        this.modifiedSince = modifiedSince;
    }

    /// <summary>Whether there is something to evaluate.</summary>
    public bool Any => tags.Count > 0 || modifiedSince is not null;

    /// <summary>
    /// Reads the headers. If-Modified-Since counts only without If-None-Match, even when that one cannot be read (§13.1.3);
    /// a condition that cannot be read is not met, so the client gets the content.
    /// </summary>
    public static RequestConditions Of(IHeaderDictionary headers)
    {
        if (headers.IfNoneMatch.Count > 0)
        {
            return EntityTagHeaderValue.TryParseStrictList([.. headers.IfNoneMatch.OfType<string>()], out var tags)
                ? new RequestConditions(tags, true, null)
                : None;
        }

        return headers.IfModifiedSince.Count == 1 && HeaderUtilities.TryParseDate(headers.IfModifiedSince.ToString(), out var date)
            ? new RequestConditions([], false, date)
            : None;
    }

    /// <summary>Whether a 200 response with these headers is what the client has already.</summary>
    public bool AreMetBy(IHeaderDictionary response)
    {
        if (!hasIfNoneMatch)
        {
            return modifiedSince is { } since
                && HeaderUtilities.TryParseDate(response.LastModified.ToString(), out var lastModified)
                && lastModified <= since;
        }

        if (tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any)))
            return true;
        return EntityTagHeaderValue.TryParse(response.ETag.ToString(), out var current)
            && tags.Any(tag => tag.Compare(current, useStrongComparison: false));
    }

    /// <summary>Whether the client named this tag as a weak one.</summary>
    public bool HasWeak(string tag) =>
        EntityTagHeaderValue.TryParse(tag, out var current)
        && tags.Any(known => known.IsWeak && known.Compare(current, useStrongComparison: false));
}
