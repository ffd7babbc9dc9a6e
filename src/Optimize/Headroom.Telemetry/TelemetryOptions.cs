namespace Headroom.Telemetry;

/// <summary>
/// What the collector listens to and how much memory it may use. Bound from the configuration section <c>Headroom:Telemetry</c>;
/// code given to <see cref="TelemetryServiceCollectionExtensions.AddHeadroomTelemetry"/> runs after it. Wrong values stop the
/// application at start-up, all of them in one message.
/// </summary>
public sealed class TelemetryOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:Telemetry";

    internal const int SeriesFewest = 1;
    internal const int SeriesMost = 100_000;
    internal const int LabelValueShortest = 16;
    internal const int LabelValueLongest = 65_536;
    internal const int BoundariesMost = 200;
    internal static readonly TimeSpan ThresholdLeast = TimeSpan.FromMilliseconds(1);
    internal static readonly TimeSpan ThresholdMost = TimeSpan.FromDays(1);
    internal static readonly TimeSpan HealthCachedMost = TimeSpan.FromMinutes(5);
    internal static readonly TimeSpan DrainMost = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Meters to listen to: an exact name, a prefix written <c>Name.*</c> (which also takes <c>Name</c> itself), or <c>*</c> for all.
    /// Default: ASP.NET Core hosting and Kestrel, the .NET runtime, and Headroom's own. A list in the configuration replaces the default;
    /// <c>options.Meters.Add("MyApp")</c> in code extends it. Names are compared without regard to case.
    /// </summary>
    public IList<string> Meters { get; } =
    [
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
        "Headroom.*",
    ];

    /// <summary>
    /// Instruments of these meters that are left out, each as <c>METER/INSTRUMENT</c>: <c>Npgsql/db.client.operation.duration</c> for an application that records its operations by name itself, so that none counts twice.
    /// Default: none. Names are compared without regard to case.
    /// </summary>
    public IList<string> ExcludedInstruments { get; } = [];

    /// <summary>
    /// Distinct tag combinations kept per instrument. Default 2,000, from 1 to 100,000. Measurements with a further combination are added
    /// up in one more series with the single label <c>otel_metric_overflow="true"</c>, as the OpenTelemetry SDK does, so that a tag
    /// taken from user input cannot exhaust memory.
    /// </summary>
    public int MaxSeriesPerInstrument { get; set; } = 2_000;

    /// <summary>
    /// Characters of a tag value that are kept; the rest is cut off. Default 1,024, from 16 to 65,536.
    /// </summary>
    public int MaxLabelValueLength { get; set; } = 1_024;

    /// <summary>
    /// Whether buckets of histograms keep the trace of a measurement that fell into them, which scrapers that accept OpenMetrics are shown. Default true; it costs something only for requests whose trace is recorded.
    /// </summary>
    public bool Exemplars { get; set; } = true;

    /// <summary>
    /// Upper bounds of histogram buckets, by instrument name (<c>http.server.request.duration</c>) or by unit (<c>s</c>, <c>By</c>): finite,
    /// ascending, 1 to 200 of them, in the instrument's unit. Without an entry the instrument's own advice counts, then the entry of its unit, then
    /// the default: for seconds those of OpenTelemetry's HTTP conventions (5 ms to 10 s). <c>http.server.request.duration</c> has 150, 200 and 300 ms beside those, with which alerts compare percentiles.
    /// </summary>
    public IDictionary<string, double[]> HistogramBoundaries { get; } = new Dictionary<string, double[]>(StringComparer.Ordinal);

    /// <summary>
    /// From how long on <see cref="RequestTimingExtensions.UseHeadroomTelemetry"/> logs a request as slow; null for none. Default 1 s, from 1 ms to 1 day. Event streams and websockets are never slow.
    /// </summary>
    public TimeSpan? SlowRequestThreshold { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether <see cref="RequestTimingExtensions.UseHeadroomTelemetry"/> tells clients in <c>Server-Timing</c> what their request's time went into. Default null: in the environment Development only, because times tell
    /// strangers about an application (whether a user exists, whether something was cached).
    /// </summary>
    public bool? ServerTiming { get; set; }

    /// <summary>How long a result of the health checks is the answer to everybody who asks. Default 5 s, from 0 to 5 minutes.</summary>
    public TimeSpan HealthCachedFor { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the application goes on serving after it was told to stop, while <c>/health/ready</c> answers 503 already, so that load balancers notice. Default 0, to 5 minutes; the host's <c>ShutdownTimeout</c> (30 s unless set)
    /// must be longer.
    /// </summary>
    public TimeSpan DrainDelay { get; set; }

    /// <summary>What could not be read from the configuration; reported with the validation errors.</summary>
    internal List<string> BindingErrors { get; } = [];
}
