namespace ReferenceApi.Paging;

/// <summary>Tells the address of the next page in a <c>Link</c> header with the relation <c>next</c> (RFC 8288).</summary>
internal static class PageLink
{
    /// <summary>Sets the header when there is a next page. The address keeps the request's other parameters.</summary>
    public static void SetNext(HttpContext http, string? next)
    {
        if (next is null)
            return;

        var others = http.Request.Query.Where(parameter => !parameter.Key.Equals("cursor", StringComparison.OrdinalIgnoreCase));
        var query = QueryString.Create([.. others, new("cursor", next)]);
        http.Response.Headers.Link = $"<{http.Request.PathBase.Add(http.Request.Path)}{query}>; rel=\"next\"";
    }
}
