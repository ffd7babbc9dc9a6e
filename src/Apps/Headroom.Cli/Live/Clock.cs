using System.Globalization;

namespace Headroom.Cli.Live;

/// <summary>Times as a stopwatch shows them: <c>0:07</c>, <c>12:30</c>, <c>1:02:03</c>.</summary>
internal static class Clock
{
    public static string Of(TimeSpan time)
    {
        var seconds = Math.Max(0, (long)time.TotalSeconds);
        return seconds < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");
    }

    /// <summary>Rounded up, so that 0:00 means that nothing is left.</summary>
    public static string Left(TimeSpan time) => Of(TimeSpan.FromSeconds(Math.Ceiling(Math.Max(0, time.TotalSeconds))));
}
