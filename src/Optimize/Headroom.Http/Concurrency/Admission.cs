namespace Headroom.Http.Concurrency;

/// <summary>What became of a request that asked for a place.</summary>
internal enum Admission : byte
{
    /// <summary>It has one, and must give it back.</summary>
    Granted,

    /// <summary>As many wait as may, none of them less important.</summary>
    QueueFull,

    /// <summary>It waited as long as it may.</summary>
    TimedOut,

    /// <summary>It waited and made room for a more important request.</summary>
    Displaced,

    /// <summary>Its client went away, or its own time was over.</summary>
    Left,
}
