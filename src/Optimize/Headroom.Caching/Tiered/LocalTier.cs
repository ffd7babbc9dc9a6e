using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Headroom.Caching.Local;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Logging;

namespace Headroom.Caching.Tiered;

/// <summary>Values in memory: in what form they are kept, and what becomes of their lives under the cache's options.</summary>
/// <param name="hasStore">Whether values are in a distributed tier too.</param>
internal sealed class LocalTier(LocalStore store, CacheOptions options, ValueSerializers serializers, ILogger logger, bool hasStore)
{
    readonly Expirations expirations = new(options.ExpirationJitter);
    readonly EntrySize? size = options.MaxBytes is null ? null : new EntrySize(options.SizeOf is { } sizeOf ? value => value is ISized sized ? sized.Bytes : sizeOf(value) : null);
    readonly bool reuseInstances = options.ReuseInstances;
    readonly long swr = (long)options.StaleWhileRevalidate.TotalMilliseconds;
    readonly long stale = (long)Math.Max(options.StaleWhileRevalidate.TotalMilliseconds, options.FailSafe.TotalMilliseconds);
    EntryLife? lastLife;

    /// <summary>How long memory is believed while other nodes may change a value and nobody says so, unless the options say how long.</summary>
    public static readonly TimeSpan DistrustedAfter = TimeSpan.FromSeconds(10);

    /// <summary>Whether whatever changes a value says so at once: there is one tier only, or the store pushes changes at present.</summary>
    public bool IsTold { get; set; }

    public bool IsShared<T>() => ValueMutability<T>.IsImmutable || reuseInstances;

    public bool TryRead<T>(LocalEntry entry, [MaybeNullWhen(false)] out T value)
    {
        // The exact type first: it is one comparison, a cast in code that several types share is a call.
        var kept = entry.Value;
        if (kept is not null && kept.GetType() == typeof(T))
        {
            value = Unboxed<T>(kept);
            return true;
        }

        switch (kept)
        {
            case CopiedValue<T> copied:
                value = copied.Copy();
                return true;
            case null when default(T) is null:
                value = default!;
                return true;

            // Before T, which may be object.
            case ISized or KeptFailure:
                value = default;
                return false;
            case T other:
                value = other;
                return true;
            default:
                value = default;
                return false;
        }
    }

    /// <summary>A value of exactly this type.</summary>
    public static T Unboxed<T>(object kept) => typeof(T).IsValueType ? (T)kept : Unsafe.As<object, T>(ref kept);

    /// <summary>The form in which a value is kept, and given to several callers; null where it cannot be copied: then it is not kept.</summary>
    public bool TryKeep<T>(T value, out object? kept, out CopiedValue<T>? copies)
    {
        copies = null;
        kept = value;
        if (value is null || IsShared<T>())
            return true;
        try
        {
            kept = copies = CopiedValue<T>.Of(value, serializers.Of<T>());
            return true;
        }
#pragma warning disable CA1031 // A serializer may throw anything; the caller has its value and is not to suffer from the cache.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            Log.NotSerializable(logger, typeof(T), thrown);
            kept = null;
            return false;
        }
    }

    public bool Set(string key, object? kept, TimeSpan expiration, TimeSpan? localExpiration, string[] tags, long validAt, WriteGuard? guard)
    {
        var local = localExpiration is { } given && given < expiration ? given : expiration;
        if (!IsTold && localExpiration is null && local > DistrustedAfter)
            local = DistrustedAfter;
        var drawn = expirations.Draw(local);
        var life = LifeOf(local, drawn, expiration);
        return store.Set(new NewEntry(key, kept, validAt)
        {
            FreshUntil = store.Now + (life is { Sliding: > 0 } ? life.Sliding : drawn - (life?.BeforeEnd ?? 0)),
            Life = life,
            Tags = tags,
            Guard = guard,
            Weight = size?.Of(key, kept) ?? 1,
        });
    }

    /// <summary>Where in its life an entry is that <see cref="LocalStore.Find"/> did not give.</summary>
    public LifeStage StageOf(LocalEntry entry)
    {
        var now = store.Now;
        if (now < entry.FreshUntil)
            return LifeStage.Fresh;
        var end = entry.FreshUntil + (entry.Life?.BeforeEnd ?? 0);
        return now < end ? LifeStage.DueForRefresh : now < end + swr ? LifeStage.Revalidating : LifeStage.Stale;
    }

    /// <summary>Lets a stale value count as fresh for a moment, without prolonging its end.</summary>
    public void Retry(LocalEntry entry, string[] tags, Flight flight)
    {
        var freshUntil = Math.Min(store.Now + (long)options.FailSafeRetry.TotalMilliseconds, entry.EndsAt);
        store.Set(new NewEntry(entry.Key, entry.Value, flight.ValidAt)
        {
            FreshUntil = freshUntil,
            Life = new EntryLife(0, entry.EndsAt - freshUntil),
            Tags = tags,
            Guard = flight.Guard,
            Weight = EntryWeight.Unpack(entry.Weight),
        });
    }

    EntryLife? LifeOf(TimeSpan local, long drawn, TimeSpan inStore)
    {
        // Its own absolute end makes a sliding entry one of a kind.
        if (options.SlidingExpiration is { } sliding)
        {
            var now = store.Now;
            return new EntryLife(0, stale, Math.Min(drawn, (long)sliding.TotalMilliseconds), now + drawn, hasStore ? now + (long)inStore.TotalMilliseconds : 0) { ToldAt = now };
        }

        var beforeEnd = options.EagerRefresh is { } fraction ? (long)(local.TotalMilliseconds * (1 - fraction)) : 0;
        if (beforeEnd >= drawn)
            beforeEnd = drawn / 2;
        if (beforeEnd == 0 && stale == 0)
            return null;

        // Of the life before the jitter, so that the entries of one cache share one object.
        var last = lastLife;
        return last is not null && last.BeforeEnd == beforeEnd ? last : lastLife = new EntryLife(beforeEnd, stale);
    }
}

/// <summary>Where a value is in its life.</summary>
internal enum LifeStage
{
    Fresh,

    /// <summary>Fresh, but old enough to be made anew in the background.</summary>
    DueForRefresh,

    /// <summary>Over, and served while it is made anew in the background.</summary>
    Revalidating,

    /// <summary>Over, and served only if it cannot be made anew.</summary>
    Stale,
}
