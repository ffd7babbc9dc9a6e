using System.Globalization;
using ReferenceApi.HealthData;

namespace ReferenceApi.Data.DataSets;

/// <summary>Readings of watches, rings and scales over 60 days: heart rates far more often than body temperatures.</summary>
internal static class HealthRows
{
    private const int Days = 60;
    private const int Sources = 40;

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "health");
        var metrics = new ZipfDistribution(HealthMetric.All.Count);
        var sources = new ZipfDistribution(Sources);
        var timeline = new Timeline(Days);
        writer.BeginTable("health_points", "id", "metric", "source", "recorded_at", "value");
        for (var index = 0; index < specification.Rows.HealthPoints; index++)
        {
            var metric = HealthMetric.All[metrics.Sample(random)];
            var value = metric.Typical + (random.NextNormal() * metric.Spread);
            writer.Write(index + 1L);
            writer.Write(metric.Name);
            writer.Write(Source(sources.Sample(random)));
            writer.Write(timeline.At(index, specification.Rows.HealthPoints, random));
            writer.Write(Math.Round(Math.Clamp(value, metric.Minimum, metric.Maximum), metric.Decimals));
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static string Source(int rank) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(rank % 5) switch { 0 or 1 => "watch", 2 => "phone", 3 => "ring", _ => "scale" }}-{rank + 1:00}");
}
