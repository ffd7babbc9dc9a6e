using ReferenceApi.Data;
using ReferenceApi.Paging;

namespace ReferenceApi.Users;

internal sealed class UserQueries(Database database)
{
    public const string DefaultOrder = "-createdAt";

    public static readonly IReadOnlyList<string> Orders = ["createdAt", DefaultOrder, "lastSeenAt", "-lastSeenAt", "name", "-name"];

    public async Task<Page<User>> ListAsync(string order, int limit, Cursor? after, CancellationToken cancellationToken)
    {
        var column = SortKey.Column(order) switch
        {
            "createdAt" => "created_at",
            "lastSeenAt" => "last_seen_at",
            _ => "name",
        };
        var (direction, comparison) = SortKey.IsDescending(order) ? ("DESC", "<") : ("ASC", ">");
        var filter = new SqlFilter().When(after is not null, $"({column}, id) {comparison} (@key, @id)");

        await using var session = await database.OpenAsync(cancellationToken);
        var rows = await session.QueryAsync<User>(
            "list-users",
            $"""
            SELECT id, name, email, country, plan, status, created_at, last_seen_at
            FROM users {filter}
            ORDER BY {column} {direction}, id {direction}
            LIMIT @rows
            """,
            SortKey.IsText(order)
                ? new { key = after?.Key, id = after?.Id, rows = limit + 1 }
                : new { key = after?.NumericKey, id = after?.Id, rows = limit + 1 });
        return Page<User>.From(rows, limit, row => SortKey.Column(order) switch
        {
            "createdAt" => Cursor.Of(order, row.CreatedAt.ToUnixTimeMilliseconds(), row.Id),
            "lastSeenAt" => Cursor.Of(order, row.LastSeenAt.ToUnixTimeMilliseconds(), row.Id),
            _ => new Cursor(order, row.Name, row.Id),
        });
    }
}
