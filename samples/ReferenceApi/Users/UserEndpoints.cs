using ReferenceApi.Caching;
using ReferenceApi.Input;
using ReferenceApi.Paging;

namespace ReferenceApi.Users;

/// <summary>A long list, read page by page.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder app) => app.MapGet("/api/users", ListUsers)
        .KeepAnswers(ResponseCacheTags.Users, TimeSpan.FromSeconds(30), "cursor", "limit", "sort");

    private static async Task<IResult> ListUsers(HttpContext http, UserQueries users, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var order = query.OneOf("sort", UserQueries.Orders);
        var limit = query.Integer("limit", fallback: 50, from: 1, to: 200);
        var after = query.Cursor(order ?? UserQueries.DefaultOrder);
        if (query.Problem() is { } invalid)
            return invalid;

        var page = await users.ListAsync(order ?? UserQueries.DefaultOrder, limit, after, cancellationToken);
        PageLink.SetNext(http, page.Next);
        return TypedResults.Ok(page);
    }
}
