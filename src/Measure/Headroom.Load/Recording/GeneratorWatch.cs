using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Recording;

/// <summary>What this process uses while it measures.</summary>
internal sealed class GeneratorWatch
{
    private long _markedNs;
    private TimeSpan _cpuStart;
    private TimeSpan _cpuEnd;
    private TimeSpan _pauseStart;
    private TimeSpan _pauseEnd;
    private int _collectionsStart;
    private int _collectionsEnd;
    private bool _measuring;
    private readonly MemoryGrowth _memory = new();

    private GeneratorWatch()
    {
    }

    public double CpuSeconds => (_cpuEnd - _cpuStart).TotalSeconds;

    public static GeneratorWatch Start()
    {
        var watch = new GeneratorWatch();
        watch.Mark(MonotonicClock.NowNs, Environment.CpuUsage.TotalTime);
        return watch;
    }

    /// <summary>
    /// Begins again when measuring begins, so that the warm-up's use is not counted; from then on looks at its memory at every call. On a busy machine the first call after that comes
    /// late: of the CPU since the call before, the part is counted that fell behind the beginning.
    /// </summary>
    public void MeasureFrom(long now, long measureFromNs)
    {
        if (!_measuring)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            if (now > measureFromNs)
                cpu = _cpuStart + ((cpu - _cpuStart) * (Math.Max(0.0, measureFromNs - _markedNs) / (now - _markedNs)));
            Mark(now, cpu);
        }

        if (now < measureFromNs)
            return;
        _measuring = true;
        _memory.Add(now, Environment.WorkingSet);
    }

    public void Stop()
    {
        _cpuEnd = Environment.CpuUsage.TotalTime;
        _pauseEnd = GC.GetTotalPauseDuration();
        _collectionsEnd = GC.CollectionCount(0);
    }

    public GeneratorUsage Usage(LatencyHistogram lag, long requests, int workers) => new()
    {
        CpuSeconds = CpuSeconds,
        CpuMicrosecondsPerRequest = requests > 0 ? CpuSeconds * 1e6 / requests : 0,
        PeakRssBytes = PeakRss(),
        RssGrowthBytesPerHour = _memory.BytesPerHour,
        LagMs = lag.Summarize(),
        LagHistogram = lag.Encode(),
        Workers = workers,
        GarbageCollections = _collectionsEnd - _collectionsStart,
        GarbageCollectionPauseMs = (_pauseEnd - _pauseStart).TotalMilliseconds,
    };

    private void Mark(long now, TimeSpan cpu)
    {
        _markedNs = now;
        _cpuStart = cpu;
        _pauseStart = GC.GetTotalPauseDuration();
        _collectionsStart = GC.CollectionCount(0);
    }

    private static long PeakRss()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
