using System.Globalization;
using System.Text;
using Headroom.Load;

namespace Headroom.Cli.Demo;

/// <summary>What the demo sends to the reference API: reads and a few writes, with popularity skewed as real traffic is.</summary>
internal static class DemoPlan
{
    /// <summary>Asked for by every browser and by most HTTP clients; the plain API answers uncompressed all the same.</summary>
    private static readonly (string Name, string Value)[] Headers = [("Accept-Encoding", "br, gzip"), ("Accept", "application/json")];

    private const int Connections = 16;

    /// <summary>All endpoints together, in proportion to their weights.</summary>
    public static LoadPlan Mixed(Uri api, TimeSpan warmUp, TimeSpan duration) => Plan("mixed", Requests(api), warmUp, duration);

    /// <summary>One endpoint alone: what a request to it costs the server.</summary>
    public static LoadPlan Alone(Uri api, string name, TimeSpan duration) =>
        Plan(name, [.. Requests(api).Where(request => request.Name == name)], TimeSpan.Zero, duration);

    public static IReadOnlyList<string> Names(Uri api) => [.. Requests(api).Select(request => request.Name).Distinct(StringComparer.Ordinal)];

    private static LoadPlan Plan(string name, IReadOnlyList<PlannedRequest> requests, TimeSpan warmUp, TimeSpan duration) => new()
    {
        Name = name,
        Requests = requests,
        Scenarios =
        [
            new Scenario { Name = name, Executor = ExecutorKind.ConstantVus, Connections = Connections, WarmUp = warmUp, Duration = duration },
        ],
        GracefulStop = TimeSpan.FromSeconds(10),
    };

    /// <summary>
    /// Requests with one name are one row. The model answers (/query) are left out: their half second of simulated model time is the same on both sides, and
    /// would only hide the rest.
    /// </summary>
    private static List<PlannedRequest> Requests(Uri api)
    {
        var requests = new List<PlannedRequest>
        {
            Get("GET /api/v2/chats", 16, "/api/v2/chats"),
            Get("GET /api/v2/events", 6, "/api/v2/events?type=message.sent&since=2024-12-01T00:00:00Z&until=2024-12-15T00:00:00Z"),
            Get("GET /api/v2/health", 6, "/api/v2/health"),
            Get("GET /api/v2/info", 3, "/api/v2/info"),
            Get("GET /api/v2/settings", 3, "/api/v2/settings"),
            Get("GET /api/iris/overview", 10, "/api/iris/overview"),
            Get("GET /api/v1/export", 2, "/api/v1/export"),
            Get("GET /api/signals", 5, "/api/signals"),
            Get("GET /api/users", 4, "/api/users?limit=50"),
            Get("GET /api/users", 4, "/api/users?limit=50&sort=name"),
        };

        // The n-th most popular is asked for in proportion to 1/n.
        for (var chat = 1; chat <= 20; chat++)
            requests.Add(Get("GET /api/v2/chats/{id}/messages", 16.0 / chat / 3.6, string.Create(CultureInfo.InvariantCulture, $"/api/v2/chats/{chat}/messages")));
        foreach (var (metric, rank) in new[] { ("heart_rate", 1), ("steps", 2), ("oxygen_saturation", 3), ("weight", 4) })
            requests.Add(Get("GET /api/v1/data/{metric}", 10.0 / rank / 2.08, $"/api/v1/data/{metric}"));
        foreach (var (filter, rank) in new[] { ("status=open", 1), ("category=support&priority=high", 2), ("q=audit", 3), ("q=budget&status=open", 4) })
            requests.Add(Get("GET /api/items", 10.0 / rank / 2.08, $"/api/items?{filter}"));

        requests.Add(Post("POST /api/v2/messages/send", 2, "/api/v2/messages/send", """{"chatId":7,"sender":"demo","kind":"text","text":"Hello from the demo"}"""));
        requests.Add(Post("POST /api/v1/ingest", 2, "/api/v1/ingest", """{"source":"watch-01","points":[{"metric":"heart_rate","value":71,"recordedAt":"2024-12-31T12:00:00Z"},{"metric":"steps","value":812,"recordedAt":"2024-12-31T12:00:00Z"}]}"""));
        requests.Add(Post("POST /api/items", 2, "/api/items", """{"title":"Written by the demo","category":"support","tags":["demo"]}"""));
        return requests;

        PlannedRequest Get(string name, double weight, string path) => new() { Name = name, Weight = weight, Url = new Uri(api, path), Headers = Headers };

        PlannedRequest Post(string name, double weight, string path, string json) => new()
        {
            Name = name,
            Weight = weight,
            Method = "POST",
            Url = new Uri(api, path),
            Headers = [.. Headers, ("Content-Type", "application/json")],
            Body = Encoding.UTF8.GetBytes(json),
        };
    }
}
