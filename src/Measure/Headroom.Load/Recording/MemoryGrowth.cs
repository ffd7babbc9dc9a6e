namespace Headroom.Load.Recording;

/// <summary>
/// The slope of resident memory, by least squares: single peaks, such as those before a garbage collection, weigh little in it. Keeps means and co-moments (Welford's updates)
/// and no samples, since what watches for growth in a soak of days must not grow.
/// </summary>
internal sealed class MemoryGrowth
{
    /// <summary>Two samples always lie on a line, whatever it means.</summary>
    private const int SamplesMin = 3;

    private int _samples;
    private long _firstNs;
    private double _meanSeconds;
    private double _meanBytes;
    private double _covariance;
    private double _variance;

    /// <summary>Null when there are too few samples to tell.</summary>
    public double? BytesPerHour => _samples >= SamplesMin && _variance > 0 ? _covariance / _variance * 3600 : null;

    public void Add(long atNs, double rssBytes)
    {
        if (_samples++ == 0)
            _firstNs = atNs;

        // From the first sample on: squares of seconds since the machine started would lose digits.
        var distance = ((atNs - _firstNs) / 1e9) - _meanSeconds;
        _meanSeconds += distance / _samples;
        _meanBytes += (rssBytes - _meanBytes) / _samples;
        _covariance += distance * (rssBytes - _meanBytes);
        _variance += distance * (((atNs - _firstNs) / 1e9) - _meanSeconds);
    }
}
