using System.Diagnostics.Metrics;
using Headroom.Telemetry;

namespace Headroom.Http.Concurrency;

/// <summary>What concurrency limits do, by policy; the names stand in docs/limits.md.</summary>
internal sealed class ConcurrencyMetrics
{
    // From what nobody notices to the longest anybody waits.
    static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    readonly Meter meter;
    readonly Counter<long> rejected;
    readonly Histogram<double> wait;

    public ConcurrencyMetrics(IMeterFactory meters)
    {
        meter = meters.Create(HeadroomMeters.Http);
        rejected = meter.CreateCounter<long>("headroom.http.concurrency.rejected", "{request}", "Requests that got no place, by reason and by how important they were.");
        wait = meter.CreateHistogram(
            "headroom.http.concurrency.wait",
            "s",
            "How long requests waited for a place, of those that had to wait.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
    }

    public void Observe(IReadOnlyCollection<PolicyGates> policies)
    {
        meter.CreateObservableGauge("headroom.http.concurrency.in_flight", () => policies.Select(policy => Measure(policy.Name, policy.InFlight)), "{request}", "Requests that have a place.");
        meter.CreateObservableGauge("headroom.http.concurrency.limit", () => policies.Where(policy => policy.Limit > 0).Select(policy => Measure(policy.Name, policy.Limit)), "{request}", "How many may have a place, of policies with one limit for all.");
        meter.CreateObservableGauge("headroom.http.concurrency.queued", () => policies.Select(policy => Measure(policy.Name, policy.Queued)), "{request}", "Requests that wait for a place.");
    }

    public void Waited(string policy, TimeSpan waited) => wait.Record(waited.TotalSeconds, Policy(policy));

    public void Rejected(string policy, Admission reason, ShedLevel level) =>
        rejected.Add(1, Policy(policy), new KeyValuePair<string, object?>("headroom.reason", Name(reason)), new KeyValuePair<string, object?>("headroom.priority", Name(level)));

    public static string Name(Admission reason) => reason switch
    {
        Admission.QueueFull => "queue_full",
        Admission.TimedOut => "queue_timeout",
        Admission.Displaced => "displaced",
        _ => "left",
    };

    static string Name(ShedLevel level) => level switch
    {
        ShedLevel.First => "shed_first",
        ShedLevel.Ordinary => "ordinary",
        ShedLevel.Preferred => "preferred",
        ShedLevel.MorePreferred => "more_preferred",
        _ => "shed_last",
    };

    static Measurement<long> Measure(string policy, int value) => new(value, Policy(policy));

    static KeyValuePair<string, object?> Policy(string policy) => new("headroom.concurrency.policy", policy);
}
