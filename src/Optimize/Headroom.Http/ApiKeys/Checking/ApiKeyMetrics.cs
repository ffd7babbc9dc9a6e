using System.Diagnostics.Metrics;
using Headroom.Telemetry;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>What checks found; the names stand in docs/api-keys.md. Neither keys nor their ids are in any of it.</summary>
internal sealed class ApiKeyMetrics
{
    static readonly KeyValuePair<string, object?>[] Outcomes =
    [
        .. Enum.GetValues<ApiKeyVerdict>().Select(static verdict => new KeyValuePair<string, object?>("headroom.outcome", verdict switch
        {
            ApiKeyVerdict.Valid => "accepted",
            ApiKeyVerdict.WrongSecret => "wrong_secret",
            ApiKeyVerdict.TooManyUnknown => "too_many_unknown",
            ApiKeyVerdict.StoreFailed => "store_failed",
            _ => verdict.ToString().ToLowerInvariant(),
        })),
    ];

    readonly Counter<long> checks;
    readonly Counter<long> usageWritten;
    readonly Histogram<double> lookups;

    public ApiKeyMetrics(IMeterFactory meters, UnknownKeys unknown)
    {
        var meter = meters.Create(HeadroomMeters.Http);
        checks = meter.CreateCounter<long>("headroom.http.apikey.checks", "{request}", "API keys checked, by what was found.");
        usageWritten = meter.CreateCounter<long>("headroom.http.apikey.usage.written", "{use}", "Uses of API keys that were written to the store.");
        lookups = meter.CreateHistogram<double>("headroom.http.apikey.lookup.duration", "s", "Look-ups of API keys in the store.");
        meter.CreateObservableUpDownCounter("headroom.http.apikey.unknown", () => unknown.Count, "{id}", "Ids that are remembered as nobody's.");
    }

    public void LookedUp(TimeSpan duration) => lookups.Record(duration.TotalSeconds);

    public void UsageWritten(long uses) => usageWritten.Add(uses);

    public void Checked(ApiKeyVerdict verdict) => checks.Add(1, Outcomes[(int)verdict]);
}
