namespace Headroom.Caching.Local;

/// <summary>What is put into the memory tier.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="ValidAt">The number of invalidations when the value began to be made: one that came later keeps it out.</param>
internal readonly record struct NewEntry(string Key, object? Value, long ValidAt)
{
    public long Weight { get; init; } = 1;

    public long FreshUntil { get; init; } = LocalEntry.Never;

    public EntryLife? Life { get; init; }

    /// <summary>Each once.</summary>
    public string[]? Tags { get; init; }

    public WriteGuard? Guard { get; init; }
}

/// <summary>Lets a removal keep a value out that is still being made. Written under the store's lock, and read there before a value is put in.</summary>
internal sealed class WriteGuard
{
    volatile bool revoked;

    public bool Revoked
    {
        get => revoked;
        set => revoked = value;
    }
}
