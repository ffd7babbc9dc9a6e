using Microsoft.Extensions.Options;

namespace Headroom.Telemetry;

/// <summary>Collects every error, so that a person corrects the configuration once.</summary>
internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var errors = new List<string>(options.BindingErrors);
        CheckMeters(options.Meters, errors);
        CheckExcluded(options.ExcludedInstruments, errors);
        CheckRange(
            nameof(TelemetryOptions.MaxSeriesPerInstrument),
            options.MaxSeriesPerInstrument,
            TelemetryOptions.SeriesFewest,
            TelemetryOptions.SeriesMost,
            errors);
        CheckRange(
            nameof(TelemetryOptions.MaxLabelValueLength),
            options.MaxLabelValueLength,
            TelemetryOptions.LabelValueShortest,
            TelemetryOptions.LabelValueLongest,
            errors);
        if (options.SlowRequestThreshold is { } slow)
            CheckTime(nameof(TelemetryOptions.SlowRequestThreshold), slow, TelemetryOptions.ThresholdLeast, TelemetryOptions.ThresholdMost, errors);
        CheckTime(nameof(TelemetryOptions.HealthCachedFor), options.HealthCachedFor, TimeSpan.Zero, TelemetryOptions.HealthCachedMost, errors);
        CheckTime(nameof(TelemetryOptions.DrainDelay), options.DrainDelay, TimeSpan.Zero, TelemetryOptions.DrainMost, errors);
        foreach (var (key, boundaries) in options.HistogramBoundaries)
            CheckBoundaries(key, boundaries, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    static void CheckMeters(IList<string> meters, List<string> errors)
    {
        if (meters.Count == 0)
            errors.Add($"{TelemetryOptions.SectionName}:Meters is empty; name at least one meter, or '*' for all.");
        for (var i = 0; i < meters.Count; i++)
        {
            var meter = meters[i];
            if (!MeterPattern.IsValid(meter))
            {
                errors.Add(
                    $"{TelemetryOptions.SectionName}:Meters:{i} is '{meter}'; write a meter's name without spaces, a prefix such as 'MyApp.*', or '*'.");
            }
        }
    }

    static void CheckExcluded(IList<string> instruments, List<string> errors)
    {
        for (var i = 0; i < instruments.Count; i++)
        {
            if (instruments[i]?.Split('/') is not [{ Length: > 0 } meter, { Length: > 0 } name] || (meter + name).Any(char.IsWhiteSpace))
                errors.Add($"{TelemetryOptions.SectionName}:ExcludedInstruments:{i} is '{instruments[i]}'; write METER/INSTRUMENT, for example 'Npgsql/db.client.operation.duration'.");
        }
    }

    static void CheckRange(string setting, int value, int fewest, int most, List<string> errors)
    {
        if (value < fewest || value > most)
            errors.Add(FormattableString.Invariant($"{TelemetryOptions.SectionName}:{setting} is {value}; allowed are {fewest} to {most}."));
    }

    static void CheckTime(string setting, TimeSpan value, TimeSpan least, TimeSpan most, List<string> errors)
    {
        if (value < least || value > most)
            errors.Add($"{TelemetryOptions.SectionName}:{setting} is {value:c}; allowed are {least:c} to {most:c}.");
    }

    static void CheckBoundaries(string key, double[]? boundaries, List<string> errors)
    {
        var path = $"{TelemetryOptions.SectionName}:HistogramBoundaries:{key}";
        if (string.IsNullOrWhiteSpace(key))
            errors.Add($"{TelemetryOptions.SectionName}:HistogramBoundaries has an empty key; write an instrument's name or a unit such as 's'.");
        if (boundaries is null || boundaries.Length is 0 or > TelemetryOptions.BoundariesMost)
        {
            errors.Add($"{path} has {boundaries?.Length ?? 0} boundaries; allowed are 1 to {TelemetryOptions.BoundariesMost}.");
            return;
        }

        for (var i = 0; i < boundaries.Length; i++)
        {
            if (!double.IsFinite(boundaries[i]))
                errors.Add(FormattableString.Invariant($"{path}:{i} is {boundaries[i]}; write a finite number (the +Inf bucket is always there)."));
            else if (i > 0 && boundaries[i] <= boundaries[i - 1])
            {
                errors.Add(FormattableString.Invariant(
                    $"{path}:{i} is {boundaries[i]} after {boundaries[i - 1]}; write the boundaries in ascending order, each once."));
            }
        }
    }
}
