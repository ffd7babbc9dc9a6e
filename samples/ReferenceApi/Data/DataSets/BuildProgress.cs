using System.Globalization;

namespace ReferenceApi.Data.DataSets;

/// <summary>
/// Tells how far the building of a data set has come: a bar that is drawn over itself on a terminal, else a plain line
/// at the start, every few seconds and at the end.
/// </summary>
internal sealed class BuildProgress(TextWriter output, bool isTerminal, TimeProvider time, string subject)
{
    private const int BarWidth = 30;

    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly long started = time.GetTimestamp();
    private long lastShown = time.GetTimestamp();
    private long expectedRows;
    private int drawnLength;

    public void Start(long rows)
    {
        expectedRows = Math.Max(1, rows);
        if (isTerminal)
            Draw(0);
        else
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Building {subject}: about {rows:N0} rows"));
    }

    public void Report(long rows)
    {
        if (time.GetElapsedTime(lastShown) < (isTerminal ? RedrawInterval : LineInterval))
            return;

        lastShown = time.GetTimestamp();
        if (isTerminal)
            Draw(rows);
        else
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Building {subject}: {rows:N0} rows, {Percent(rows)} %"));
    }

    /// <summary>Something that takes a while and has no count of its own: "creating indexes".</summary>
    public void Stage(string stage)
    {
        var line = $"Building {subject}: {stage}";
        if (isTerminal)
        {
            Overwrite(line);
        }
        else if (time.GetElapsedTime(lastShown) > LineInterval)
        {
            lastShown = time.GetTimestamp();
            output.WriteLine(line);
        }
    }

    public void Finish(long rows)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"Built {subject}: {rows:N0} rows in {time.GetElapsedTime(started).TotalSeconds:F1} s");
        if (isTerminal)
            Overwrite(line);

        output.WriteLine(isTerminal ? "" : line);
    }

    /// <summary>Leaves the bar's line, so that an error message starts on one of its own.</summary>
    public void Abandon()
    {
        if (isTerminal)
            output.WriteLine();
    }

    private long Percent(long rows) => Math.Min(99, rows * 100 / expectedRows);

    private void Draw(long rows)
    {
        var filled = (int)(Percent(rows) * BarWidth / 100);
        Overwrite(string.Create(
            CultureInfo.InvariantCulture,
            $"Building {subject} [{new string('#', filled)}{new string('.', BarWidth - filled)}] {Percent(rows),2} %  {rows:N0} rows"));
    }

    private void Overwrite(string line)
    {
        output.Write('\r' + line.PadRight(drawnLength));
        drawnLength = line.Length;
        output.Flush();
    }
}
