namespace ReferenceApi.HealthData;

/// <summary>A quantity that devices report.</summary>
/// <param name="Minimum">Lowest value that is taken.</param>
/// <param name="Maximum">Highest value that is taken.</param>
/// <param name="Typical">Mean of the seeded values.</param>
/// <param name="Spread">Standard deviation of the seeded values.</param>
/// <param name="Decimals">Digits after the point of the seeded values.</param>
internal sealed record HealthMetric(string Name, string Unit, double Minimum, double Maximum, double Typical, double Spread, int Decimals)
{
    /// <summary>Every metric, the most reported first.</summary>
    public static IReadOnlyList<HealthMetric> All { get; } =
    [
        new("heart_rate", "bpm", 20, 250, 74, 14, 0),
        new("steps", "steps", 0, 100_000, 640, 380, 0),
        new("active_energy", "kcal", 0, 20_000, 38, 22, 1),
        new("respiratory_rate", "breaths/min", 2, 80, 15.4, 2.1, 1),
        new("oxygen_saturation", "%", 50, 100, 97.1, 1.2, 1),
        new("heart_rate_variability", "ms", 0, 400, 52, 19, 1),
        new("walking_distance", "m", 0, 200_000, 480, 290, 0),
        new("sleep_duration", "min", 0, 1_440, 431, 52, 0),
        new("blood_glucose", "mg/dL", 20, 600, 98, 13, 0),
        new("weight", "kg", 1, 500, 74.8, 11.5, 1),
        new("body_temperature", "°C", 25, 45, 36.6, 0.3, 1),
        new("blood_pressure_systolic", "mmHg", 40, 300, 121, 11, 0),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(metric => metric.Name)];

    public static HealthMetric? Find(string? name) => All.FirstOrDefault(metric => metric.Name == name);
}
