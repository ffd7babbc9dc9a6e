using Headroom.Load.Results;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>A run did not show what it had to. The message is a table: each threshold, what was wanted, what was seen, and where.</summary>
public sealed class LoadAssertionException : Exception
{
    internal LoadAssertionException(LoadResult result, IReadOnlyList<ThresholdResult> thresholds)
        : base(FailureText.Of(result, thresholds))
    {
        Result = result;
        Thresholds = thresholds;
    }

    /// <summary>The run.</summary>
    public LoadResult Result { get; }

    /// <summary>What it was judged by; those that were met too.</summary>
    public IReadOnlyList<ThresholdResult> Thresholds { get; }
}
