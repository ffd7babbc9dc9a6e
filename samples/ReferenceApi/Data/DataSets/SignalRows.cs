using ReferenceApi.Workspace;

namespace ReferenceApi.Data.DataSets;

/// <summary>Twelve time series with a point every five minutes up to the data set's moment: a daily swing, a slow walk, some noise and a few spikes.</summary>
internal static class SignalRows
{
    private const long StepMs = 5 * 60_000;
    private const int StepsPerDay = 288;

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        var points = specification.Rows.SignalPointsPerSeries;
        var first = DataSetSpecification.TakenAt.ToUnixTimeMilliseconds() - (points * StepMs);
        var random = new SeededRandom(specification.Seed, "signals");
        var drift = new double[SignalSeries.All.Count];

        writer.BeginTable("signals", "id", "name", "observed_at", "value");
        for (var step = 0; step < points; step++)
        {
            var daily = DailySwing(step % StepsPerDay);
            for (var series = 0; series < SignalSeries.All.Count; series++)
            {
                var (name, _, level, swing) = SignalSeries.All[series];
                drift[series] = (drift[series] * 0.995) + (random.NextNormal() * swing * 0.02);
                var spike = random.Chance(0.001) ? swing * 3 * random.NextDouble() : 0;
                var value = level + (daily * swing * 0.8) + drift[series] + (random.NextNormal() * swing * 0.05) + spike;

                writer.Write((step * (long)SignalSeries.All.Count) + series + 1);
                writer.Write(name);
                writer.Write(first + (step * StepMs));
                writer.Write(Math.Round(Math.Max(0, value), 2));
                writer.EndRow();
            }
        }

        writer.EndTable();
    }

    /// <summary>-1 at 3 h, +1 at 15 h, a smooth curve between: a parabola each way in place of a sine, whose last digit may differ between machines.</summary>
    private static double DailySwing(int step)
    {
        // Position from -1 at 3 h through 0 at 9 h to +1 at 15 h and back to -1.
        var hours = ((step / 12.0) + 21) % 24;
        var position = hours < 12 ? (hours / 6) - 1 : 3 - (hours / 6);
        return position * (2 - Math.Abs(position));
    }
}
