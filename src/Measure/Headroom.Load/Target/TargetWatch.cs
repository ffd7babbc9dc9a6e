using System.ComponentModel;
using System.Diagnostics;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Target;

/// <summary>Samples CPU, resident memory, open handles and threads of the target's processes while a run goes on.</summary>
internal sealed class TargetWatch
{
    private const long RescanNs = 5_000_000_000;

    /// <summary>To count handles and threads is to read a file for each: once a second is enough of that.</summary>
    private const long CountNs = 1_000_000_000;

    private sealed record Sample(long AtNs, double CpuSeconds, double RssBytes, double OpenHandles, double Threads, ListenerState? Listeners);

    private readonly Func<IReadOnlyList<int>> _find;
    private readonly Func<ListenerState?> _listeners;
    private readonly List<Sample> _samples = [];

    /// <summary>CPU of processes that have ended is kept: their time was spent on the run all the same.</summary>
    private readonly Dictionary<int, double> _cpuOfProcess = [];
    private readonly HashSet<int> _everSeen = [];
    private IReadOnlyList<int> _processIds;
    private long _nextRescanNs;
    private long _nextCountNs;
    private double _handles;
    private double _threads;
    private bool _handlesKnown = true;
    private ListenerState? _listenerState;

    private TargetWatch(Func<IReadOnlyList<int>> find, Func<ListenerState?> listeners, IReadOnlyList<int> processIds)
    {
        _find = find;
        _listeners = listeners;
        _processIds = processIds;
    }

    public string? ProcessName { get; private set; }

    /// <summary>Watches what <paramref name="find"/> finds, and the connections of its listening sockets; null when that is nothing.</summary>
    public static TargetWatch? Create(Func<IReadOnlyList<int>> find, Func<ListenerState?> listeners)
    {
        var processIds = find();
        if (processIds.Count == 0)
            return null;
        var watch = new TargetWatch(find, listeners, processIds);
        watch.TakeSample();
        return watch._samples.Count > 0 ? watch : null;
    }

    public void TakeSample()
    {
        var now = MonotonicClock.NowNs;
        if (now >= _nextRescanNs)
        {
            _nextRescanNs = now + RescanNs;
            _processIds = _find() is { Count: > 0 } found ? found : _processIds;
        }

        double rss = 0, handles = 0, threads = 0;
        var alive = 0;
        var counts = now >= _nextCountNs;
        foreach (var processId in _processIds)
        {
            try
            {
                using var process = Process.GetProcessById(processId);
                _cpuOfProcess[processId] = process.TotalProcessorTime.TotalSeconds;
                rss += process.WorkingSet64;
                ProcessName ??= NameOf(process);
                alive++;
                _everSeen.Add(processId);
                if (counts)
                {
                    threads += process.Threads.Count;
                    handles += HandlesOf(process);
                }
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or NotSupportedException)
            {
                // Ended, or not ours to look at.
            }
        }

        if (counts)
        {
            _nextCountNs = now + CountNs;
            (_handles, _threads) = (handles, threads);
            _listenerState = _listeners();
        }

        if (alive > 0)
            _samples.Add(new Sample(now, _cpuOfProcess.Values.Sum(), rss, _handles, _threads, _listenerState));
    }

    /// <summary>CPU seconds spent between two times, read off the samples by interpolation; null when there are too few.</summary>
    public double? CpuSecondsBetween(long fromNs, long toNs) =>
        _samples.Count >= 2 ? Math.Max(0, CpuAt(toNs) - CpuAt(fromNs)) : null;

    public TargetUsage? Usage(long fromNs, long toNs, long requests)
    {
        var within = _samples.Where(sample => sample.AtNs >= fromNs - 500_000_000 && sample.AtNs <= toNs + 500_000_000).ToArray();
        if (within.Length == 0 || CpuSecondsBetween(fromNs, toNs) is not { } cpuSeconds)
            return null;
        var growth = MemoryTrend.Of([.. within.Select(sample => ((sample.AtNs - within[0].AtNs) / 1e9, sample.RssBytes))]);
        return new TargetUsage
        {
            ProcessIds = [.. _everSeen.Order()],
            ProcessName = ProcessName,
            CpuSeconds = cpuSeconds,
            CpuMicrosecondsPerRequest = requests > 0 ? cpuSeconds * 1e6 / requests : 0,
            RssBytes = GaugeOf(within, sample => sample.RssBytes),
            RssGrowthBytesPerHour = growth?.BytesPerHour ?? 0,
            RssGrowthMarginBytesPerHour = growth?.MarginBytesPerHour,
            OpenHandles = _handlesKnown ? GaugeOf(within, sample => sample.OpenHandles) : null,
            Threads = GaugeOf(within, sample => sample.Threads),
            Connections = GaugeOf(within, sample => sample.Listeners?.Connections),
            AcceptQueue = GaugeOf(within, sample => sample.Listeners?.AcceptQueue),
            CpuCoresMax = ProcessLimits.CpuCores(_processIds),
            OpenHandlesMax = ProcessLimits.OpenHandles(_processIds),
        };
    }

    /// <summary>The series with the target's figures filled in for each second.</summary>
    public IReadOnlyList<SeriesPoint> Annotate(IReadOnlyList<SeriesPoint> series, long startNs) =>
        [.. series.Select(point =>
        {
            var from = startNs + (long)(point.Second * 1e9);
            var to = from + 1_000_000_000;
            var after = FirstAtOrAfter(to + 1);
            var last = after > 0 ? _samples[after - 1] : null;
            return last is null || _samples[^1].AtNs <= from
                ? point
                : point with
                {
                    TargetCpuCores = CpuSecondsBetween(from, to) / Math.Max(0.001, (Math.Min(to, _samples[^1].AtNs) - from) / 1e9),
                    TargetRssBytes = (long)last.RssBytes,
                    TargetOpenHandles = _handlesKnown ? (long)last.OpenHandles : null,
                };
        })];

    private double CpuAt(long atNs)
    {
        var after = FirstAtOrAfter(atNs);
        if (after == 0 || after == _samples.Count)
            return _samples[after == 0 ? 0 : ^1].CpuSeconds;
        var (a, b) = (_samples[after - 1], _samples[after]);
        var share = (double)(atNs - a.AtNs) / (b.AtNs - a.AtNs);
        return a.CpuSeconds + (share * (b.CpuSeconds - a.CpuSeconds));
    }

    /// <summary>By bisection, since a day of samples is looked up once a second of it.</summary>
    private int FirstAtOrAfter(long atNs)
    {
        var (low, high) = (0, _samples.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_samples[middle].AtNs >= atNs)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private double HandlesOf(Process process)
    {
        if (!OperatingSystem.IsLinux())
            return process.HandleCount;
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd").Count();
        }
        catch (DirectoryNotFoundException)
        {
            // It ended just now.
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _handlesKnown = false;
            return 0;
        }
    }

    /// <summary>The kernel's name: servers that rewrite their command line (nginx) mislead the runtime's.</summary>
    private static string NameOf(Process process)
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/{process.Id}/comm").Trim() : process.ProcessName;
        }
        catch (IOException)
        {
            return process.ProcessName;
        }
    }

    private static Gauge GaugeOf(Sample[] samples, Func<Sample, double> value) =>
        new() { Start = value(samples[0]), Peak = samples.Max(value), End = value(samples[^1]) };

    private static Gauge? GaugeOf(Sample[] samples, Func<Sample, double?> value) =>
        samples.All(sample => value(sample) is not null) ? GaugeOf(samples, sample => value(sample)!.Value) : null;
}
