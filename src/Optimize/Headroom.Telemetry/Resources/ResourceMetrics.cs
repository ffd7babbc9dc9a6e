using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Resources;

/// <summary>
/// Memory and CPU of the process beside what it may use, so that an alert on a share needs no knowledge of the machine. What the runtime itself publishes (<c>dotnet.*</c>) has no limits.
/// </summary>
internal sealed class ResourceMetrics
{
    // Two scrapers, or a person who reloads, must not shrink each other's span to nothing.
    static readonly TimeSpan SpanLeast = TimeSpan.FromSeconds(1);

    // A container can be resized while it runs.
    static readonly TimeSpan LimitsKept = TimeSpan.FromSeconds(30);

    readonly TimeProvider time;
    readonly Func<TimeSpan> cpuTime;
    readonly Func<ResourceLimits> readLimits;
    readonly Lock gate = new();
    ResourceLimits limits;
    long limitsReadAt;
    long sampledAt;
    TimeSpan sampledCpu;
    double utilization;

    public ResourceMetrics(IMeterFactory meters, TimeProvider? time = null)
        : this(meters, time ?? TimeProvider.System, static () => Environment.CpuUsage.TotalTime, ResourceLimits.Read)
    {
    }

    internal ResourceMetrics(IMeterFactory meters, TimeProvider time, Func<TimeSpan> cpuTime, Func<ResourceLimits> readLimits)
    {
        this.time = time;
        this.cpuTime = cpuTime;
        this.readLimits = readLimits;
        limits = readLimits();
        limitsReadAt = sampledAt = time.GetTimestamp();
        sampledCpu = cpuTime();
        var meter = meters.Create(HeadroomMeters.Telemetry);
        meter.CreateObservableUpDownCounter("process.memory.usage", static () => Environment.WorkingSet, "By", "Physical memory that the process uses.");
        meter.CreateObservableUpDownCounter("process.memory.limit", () => Limits().MemoryBytes, "By", "Memory that the process may use: its control group's limit, else the machine's memory.");
        meter.CreateObservableGauge("process.memory.utilization", () => (double)Environment.WorkingSet / Limits().MemoryBytes, "1", "Share of the limit on memory that the process uses.");
        meter.CreateObservableUpDownCounter("process.cpu.limit", () => Limits().Cpus, "{cpu}", "Processors that the process may use: its control group's quota, else the machine's processors.");
        meter.CreateObservableGauge("process.cpu.utilization", Utilization, "1", "Share of the limit on processors that the process used since the collection before, at least one second.");
    }

    double Utilization()
    {
        lock (gate)
        {
            var elapsed = time.GetElapsedTime(sampledAt);
            if (elapsed < SpanLeast)
                return utilization;
            var cpu = cpuTime();
            utilization = Math.Max(0, (cpu - sampledCpu) / elapsed / Limits().Cpus);
            (sampledAt, sampledCpu) = (time.GetTimestamp(), cpu);
            return utilization;
        }
    }

    ResourceLimits Limits()
    {
        lock (gate)
        {
            if (time.GetElapsedTime(limitsReadAt) >= LimitsKept)
                (limits, limitsReadAt) = (readLimits(), time.GetTimestamp());
            return limits;
        }
    }
}
