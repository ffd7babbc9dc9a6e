namespace Headroom.Http.ResponseCache.Exchanges;

/// <summary>
/// Keys whose responses lately were of no use to others. For these nobody waits, and after some in a row requests pass by the cache altogether, as Varnish's hit-for-pass does: the exchange and the capture of
/// the response cost a request more than all the rest of the cache. Each response that passes is still looked at: the first one that could have been stored ends it.
/// <para>Bounded: one slot for all keys of a hash, which knows the one that was there last. A key that has lost its slot is treated as any other.</para>
/// </summary>
internal sealed class UnsharedKeys(TimeProvider time)
{
    /// <summary>An error or a cookie now and then is no reason to store the next response later than possible.</summary>
    public const int PassesAfter = 3;

    const int Slots = 4096;
    const int RememberedSeconds = 60;

    // A slot: 32 bits of the key's hash, 4 of the count, 28 of the second in which it is forgotten (8 years of a process).
    const int CountShift = 28;
    const ulong CountMax = 15;
    const ulong SecondsMask = (1UL << CountShift) - 1;

    /// <summary>Requests of known users are answered by other rules; what is known of theirs is beside what is known of all, and says nothing about it: anybody may send a key.</summary>
    const uint OfUsers = 0x9E3779B9;

    readonly ulong[] slots = new ulong[Slots];
    readonly long started = time.GetTimestamp();

    /// <summary>Whether waiting for another's response of this key is worth it.</summary>
    public bool IsShared(ReadOnlySpan<char> key, bool ofUser) => CountOf(HashOf(key, ofUser)) == 0;

    /// <summary>Whether requests for this key pass by the cache.</summary>
    public bool Passes(ReadOnlySpan<char> key, bool ofUser) => CountOf(HashOf(key, ofUser)) > PassesAfter;

    /// <param name="key">Of the response.</param>
    /// <param name="ofUser">The request was of a known user.</param>
    /// <param name="counts">The next response of this key will probably fare the same.</param>
    public void Remember(ReadOnlySpan<char> key, bool ofUser, bool counts) => Remember(HashOf(key, ofUser), counts);

    public void Forget(ReadOnlySpan<char> key, bool ofUser)
    {
        Forget(HashOf(key, ofUser: false));
        if (ofUser)
            Forget(HashOf(key, ofUser: true));
    }

    /// <summary>1: once or more, but not counted.</summary>
    ulong CountOf(uint hash)
    {
        var slot = Volatile.Read(ref slots[hash % Slots]);
        return (uint)(slot >> 32) == hash && (slot & SecondsMask) > Now() ? (slot >> CountShift) & CountMax : 0;
    }

    // Two at once may lose a count; nothing else happens.
    void Remember(uint hash, bool counts)
    {
        var before = CountOf(hash);
        var count = Math.Min(CountMax, Math.Max(1, before) + (counts ? 1UL : 0));
        Volatile.Write(ref slots[hash % Slots], ((ulong)hash << 32) | (count << CountShift) | ((Now() + RememberedSeconds) & SecondsMask));
    }

    void Forget(uint hash)
    {
        if ((uint)(Volatile.Read(ref slots[hash % Slots]) >> 32) == hash)
            Volatile.Write(ref slots[hash % Slots], 0);
    }

    ulong Now() => (ulong)time.GetElapsedTime(started).TotalSeconds;

    static uint HashOf(ReadOnlySpan<char> key, bool ofUser) => (uint)string.GetHashCode(key, StringComparison.Ordinal) ^ (ofUser ? OfUsers : 0);
}
