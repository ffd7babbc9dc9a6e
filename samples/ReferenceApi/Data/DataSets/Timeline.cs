namespace ReferenceApi.Data.DataSets;

/// <summary>
/// Spreads rows over the days before <see cref="DataSetSpecification.TakenAt"/> in rising order, more by day than by night.
/// </summary>
internal sealed class Timeline
{
    private const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;

    // Shares of a day's traffic by hour, UTC; they add up to 100.
    private static readonly int[] HourWeights = [2, 1, 1, 1, 1, 2, 3, 4, 6, 7, 7, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 4, 3, 2];

    private readonly long start;
    private readonly int days;

    public Timeline(int days)
    {
        this.days = days;
        start = DataSetSpecification.TakenAt.ToUnixTimeMilliseconds() - (days * DayMs);
    }

    /// <summary>Unix milliseconds of row <paramref name="index"/> of <paramref name="count"/>; never before that of the row before it.</summary>
    public long At(long index, long count, SeededRandom random)
    {
        var position = (index + random.NextDouble()) / count * days;
        var day = Math.Min((long)position, days - 1);
        var share = (position - day) * 100;
        for (var hour = 0; hour < HourWeights.Length; hour++)
        {
            if (share < HourWeights[hour])
                return start + (day * DayMs) + (hour * HourMs) + (long)(share / HourWeights[hour] * HourMs);

            share -= HourWeights[hour];
        }

        return start + ((day + 1) * DayMs) - 1;
    }
}
