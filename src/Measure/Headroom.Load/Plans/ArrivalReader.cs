using System.Globalization;
using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>
/// Reads the arrivals of a replay, from the plan or a file with one a line: seconds (<c>12.5</c>), a duration (<c>1m3s</c>) or an ISO 8601 time
/// (<c>2026-01-31T12:00:00.250Z</c>). They are sorted, and the first one is due at the start.
/// </summary>
internal sealed class ArrivalReader(PlanProblems problems, PlanFolder folder)
{
    /// <summary>Arrivals are held in memory.</summary>
    public const int ArrivalsMax = 10_000_000;

    private const long BytesMax = 512L * 1024 * 1024;

    /// <param name="node">A file's name or a list; null when the key is missing, which was told.</param>
    /// <param name="speed">How many times faster than recorded.</param>
    public IReadOnlyList<TimeSpan> Read(YamlNode? node, double speed)
    {
        var times = new List<double>();
        bool? areDates = null;
        switch (node)
        {
            case YamlSequenceNode list:
                foreach (var item in list.Children)
                {
                    if (MistakeOf((item as YamlScalarNode)?.Value ?? "", times, ref areDates) is { } mistake)
                        problems.Add(item, mistake);
                }

                break;
            case YamlScalarNode { Value.Length: > 0 } file:
                ReadFile(PlanMap.PlainText(file), file, times, ref areDates);
                break;
            case null:
                return [];
            default:
                problems.Add(node, $"'arrivals' must be a file's name or a list of times; found {PlanMap.Kind(node)}");
                return [];
        }

        if (times.Count == 0)
        {
            if (node is YamlSequenceNode { Children.Count: 0 })
                problems.Add(node, "'arrivals' has no time; write at least one");
            return [];
        }

        times.Sort();
        if ((times[^1] - times[0]) / speed > LoadPlanValidation.DurationMax.TotalSeconds)
        {
            problems.Add(node, $"the arrivals span {Quantity.Text((times[^1] - times[0]) / speed)}s; allowed is 7d: raise 'speed' or keep fewer");
            return [];
        }

        return [.. times.Select(time => TimeSpan.FromSeconds((time - times[0]) / speed))];
    }

    private void ReadFile(string file, YamlNode node, List<double> times, ref bool? areDates)
    {
        try
        {
            var path = folder.PathOf(file);
            if (new FileInfo(path) is { Exists: true, Length: > BytesMax } large)
            {
                problems.Add(node, $"arrivals file '{file}' has {large.Length} bytes; allowed are {BytesMax}");
                return;
            }

            var number = 0;
            foreach (var line in File.ReadLines(path))
            {
                number++;
                if (line.AsSpan().Trim().IsEmpty || line.StartsWith('#'))
                    continue;
                var mistake = times.Count >= ArrivalsMax ? $"more than {ArrivalsMax} arrivals; keep fewer" : MistakeOf(line, times, ref areDates);
                if (mistake is null)
                    continue;
                // One line that is wrong is followed by many like it.
                problems.Add(node, $"{file}:{number}: {mistake}");
                times.Clear();
                return;
            }

            if (times.Count == 0)
                problems.Add(node, $"arrivals file '{file}' has no time; write one a line");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(node, $"arrivals file '{file}' cannot be read: {e.Message}");
        }
    }

    private static string? MistakeOf(string text, List<double> times, ref bool? areDates)
    {
        var trimmed = text.Trim();
        var isDate = false;
        if (!double.TryParse(trimmed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
        {
            if (Quantity.TryParseDuration(trimmed, out var duration))
                seconds = duration.TotalSeconds;
            else if (DateTimeOffset.TryParse(trimmed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
                (seconds, isDate) = ((date - DateTimeOffset.UnixEpoch).TotalSeconds, true);
            else
                return $"'{trimmed}' is not a time; write seconds (12.5), a duration (1m3s) or an ISO 8601 time (2026-01-31T12:00:00Z)";
        }

        areDates ??= isDate;
        if (areDates != isDate)
            return $"'{trimmed}' is {(isDate ? "a date" : "an offset")} among {(isDate ? "offsets" : "dates")}; write all alike";
        times.Add(seconds);
        return null;
    }
}
