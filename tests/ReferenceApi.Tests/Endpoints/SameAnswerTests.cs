using System.Net;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

/// <summary>Features change how an answer is made, and databases where it comes from, but neither what it says.</summary>
public sealed class SameAnswerTests
{
    private static readonly string[] Paths =
    [
        "/api/v2/chats", "/api/v2/chats?limit=100", "/api/v2/chats/1/messages", "/api/v2/chats/400/messages?limit=200", "/api/v2/events", "/api/v2/events?type=message.read&limit=500",
        "/api/v2/events?since=2024-11-01&until=2024-11-03&limit=500", "/api/v2/settings", "/api/iris/overview", "/api/v1/data/heart_rate", "/api/v1/data/body_temperature?source=watch-01&limit=2000",
        "/api/v1/data/steps?since=2024-12-01&until=2024-12-20", "/api/v1/export", "/api/v1/export?format=csv&metric=weight&limit=50000", "/api/items", "/api/items?page=7&pageSize=100",
        "/api/items?tag=api&q=cache&status=open", "/api/items?category=finance&priority=urgent", "/api/signals", "/api/signals?interval=1d&since=2024-12-25&until=2025-01-01", "/api/users",
        "/api/users?sort=name&limit=200", "/api/users?sort=-lastSeenAt", "/api/v2/chats/99999/messages", "/api/users?limit=x", "/nothing",
    ];

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task Answers_OfPlainAndOthersOnSqlite_AreTheSame(string preset)
    {
        await using var plain = await ApiServer.StartAsync("--plain");
        await using var other = await ApiServer.StartAsync(preset);

        await AssertSameAsync(plain, other);
    }

    [Fact]
    public async Task Answers_OfPlainAndTunedOnPostgres_AreTheSame()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        await using var plain = await ApiServer.StartAsync("--plain", database.Argument);
        await using var tuned = await ApiServer.StartAsync("--tuned", database.Argument);

        await AssertSameAsync(plain, tuned);
    }

    [Fact]
    public async Task Answers_OfSqliteAndPostgres_AreTheSame()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        await using var sqlite = await ApiServer.StartAsync("--tuned");
        await using var postgres = await ApiServer.StartAsync("--tuned", database.Argument);

        await AssertSameAsync(sqlite, postgres);
    }

    /// <summary>Each address twice, so that the second answer may come from a cache.</summary>
    private static async Task AssertSameAsync(ApiServer expected, ApiServer actual)
    {
        foreach (var path in Paths.Concat(Paths))
        {
            var (expectedStatus, expectedBody) = await ReadAsync(expected, path);
            var (actualStatus, actualBody) = await ReadAsync(actual, path);
            Assert.True(expectedStatus == actualStatus && expectedBody == actualBody, $"{path} differs:\n{expectedStatus} {expectedBody}\n{actualStatus} {actualBody}");
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadAsync(ApiServer api, string path)
    {
        using var response = await api.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();

        // The one member of a problem that is new with every request.
        var trace = body.IndexOf(",\"traceId\"", StringComparison.Ordinal);
        return (response.StatusCode, trace < 0 ? body : body[..trace]);
    }
}
