using System.Diagnostics.Metrics;
using Headroom.Telemetry;

namespace Headroom.Http.Streaming;

/// <summary>What streams do, by the endpoint's route; the names stand in docs/streaming.md.</summary>
internal sealed class StreamingMetrics
{
    // As OpenTelemetry's conventions have them for HTTP, and up to a minute: the first event may be a slow model's.
    static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    readonly UpDownCounter<long> open;
    readonly UpDownCounter<long> producers;
    readonly Counter<long> events;
    readonly Counter<long> resumed;
    readonly Counter<long> refused;
    readonly Counter<long> ended;
    readonly Histogram<double> firstEvent;

    public StreamingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HeadroomMeters.Http);
        open = meter.CreateUpDownCounter<long>("headroom.http.stream.open", "{client}", "Clients that are connected to an event stream.");
        producers = meter.CreateUpDownCounter<long>("headroom.http.stream.producers", "{producer}", "Producers of event streams that are running, watched or not.");
        events = meter.CreateCounter<long>("headroom.http.stream.events", "{event}", "Events sent to clients, each client counted.");
        resumed = meter.CreateCounter<long>("headroom.http.stream.resumed", "{client}", "Clients that came back and went on where they were.");
        refused = meter.CreateCounter<long>("headroom.http.stream.refused", "{client}", "Clients that were refused because the endpoint had as many as it may.");
        ended = meter.CreateCounter<long>("headroom.http.stream.ended", "{client}", "Connections to event streams that ended, by outcome.");
        firstEvent = meter.CreateHistogram(
            "headroom.http.stream.time_to_first_event",
            "s",
            "From the request to the producer's first event, of clients that did not resume.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
    }

    public void Opened(string route) => open.Add(1, Route(route));

    public void Ended(string route, EventStreamOutcome outcome)
    {
        open.Add(-1, Route(route));
        ended.Add(1, Route(route), new KeyValuePair<string, object?>("headroom.outcome", Name(outcome)));
    }

    public void ProducerStarted(string route) => producers.Add(1, Route(route));

    public void ProducerEnded(string route) => producers.Add(-1, Route(route));

    public void Events(string route, int count) => events.Add(count, Route(route));

    public void Resumed(string route) => resumed.Add(1, Route(route));

    public void Refused(string route) => refused.Add(1, Route(route));

    public void FirstEvent(string route, TimeSpan after) => firstEvent.Record(after.TotalSeconds, Route(route));

    static KeyValuePair<string, object?> Route(string route) => new("http.route", route);

    static string Name(EventStreamOutcome outcome) => outcome switch
    {
        EventStreamOutcome.Completed => "completed",
        EventStreamOutcome.Client => "client",
        EventStreamOutcome.Slow => "slow",
        EventStreamOutcome.Deadline => "deadline",
        EventStreamOutcome.Error => "error",
        _ => "shutdown",
    };
}
