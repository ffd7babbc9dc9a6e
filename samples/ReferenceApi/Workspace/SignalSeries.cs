namespace ReferenceApi.Workspace;

/// <summary>A time series that the workspace watches.</summary>
/// <param name="Level">Mean of the seeded values.</param>
/// <param name="Swing">How far the seeded values move from it over a day.</param>
internal sealed record SignalSeries(string Name, string Unit, double Level, double Swing)
{
    public static IReadOnlyList<SignalSeries> All { get; } =
    [
        new("requests", "requests/s", 420, 310),
        new("response_time", "ms", 38, 12),
        new("errors", "errors/min", 2.5, 1.5),
        new("cpu", "%", 41, 22),
        new("memory", "MB", 1_850, 140),
        new("queue_depth", "jobs", 60, 55),
        new("connections", "connections", 140, 90),
        new("disk_writes", "MB/s", 12, 7),
        new("orders", "orders/min", 18, 15),
        new("active_users", "users", 960, 820),
        new("room_temperature", "°C", 21.5, 2.2),
        new("power", "W", 310, 85),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(series => series.Name)];
}
