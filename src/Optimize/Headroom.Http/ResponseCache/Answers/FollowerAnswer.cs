using System.Text;
using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Origin;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ResponseCache.Answers;

/// <summary>Answers of those who waited for another request's exchange.</summary>
internal static class FollowerAnswer
{
    /// <summary>Whether the headers that selected the response are the same in this request: it waited by URL alone, before anybody knew of them.</summary>
    public static bool IsFor(CacheRequest request, StoredHead head)
    {
        if (head.VaryNames.Length == 0)
            return true;
        var values = new StringBuilder();
        VaryKey.Append(values, head.VaryNames, request.Context.Request.Headers);
        return values.Equals(head.VaryValues);
    }

    /// <summary>The body as it comes.</summary>
    public static async Task StreamAsync(HttpContext context, ExchangeResult result, string cacheName)
    {
        var response = context.Response;
        var head = result.Head!;
        response.StatusCode = head.Status;
        foreach (var (name, value) in head.Headers)
            response.Headers[name] = value;
        response.Headers.Append("Cache-Status", new CacheStatus { Forward = result.Forward, Collapsed = true }.Format(cacheName));
        if (head.Tag is not null && EntityTag.ListHas(context.Request.Headers.IfNoneMatch, head.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            Validation.RemoveContentHeaders(response.Headers);
            return;
        }

        response.ContentLength = result.Length;
        await StreamedBody.SendAsync(result.Body!, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), context.RequestAborted);
    }
}
