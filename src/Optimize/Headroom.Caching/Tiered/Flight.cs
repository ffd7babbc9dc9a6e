using System.Runtime.InteropServices;
using Headroom.Caching.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>Callers share a flight only if they ask for the same type through the same tiers.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FlightKey(string Key, Type Type, HybridCacheEntryFlags Flags);

/// <summary>One run of a factory, and those who wait for it.</summary>
#pragma warning disable CA1001 // See the field.
internal abstract class Flight(FlightKey id, string[] tags, long validAt, WriteGuard guard, object? group)
#pragma warning restore CA1001
{
    const int Closed = -1;

    // Never disposed: it has no timer and nothing is linked to it.
    readonly CancellationTokenSource cancel = new();
    int waiters = 1;
    long validAt = validAt;
    WriteGuard guard = guard;

    public FlightKey Id => id;

    public string[] Tags => tags;

    /// <summary>The flights that are run together with this one; null: it is alone.</summary>
    public object? Group => group;

    /// <summary>The number of invalidations before anything was read.</summary>
    public long ValidAt => Volatile.Read(ref validAt);

    public WriteGuard Guard => Volatile.Read(ref guard);

    /// <summary>The right to make the value for the whole cluster; null: not asked for, or another node has it.</summary>
    public IStoreLease? Lease { get; set; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Cancellation => cancel.Token;

    /// <summary>Whether nothing that the value depends on was invalidated since the flight began.</summary>
    public bool IsValidAt(LocalStore store) => !Guard.Revoked && !store.WasInvalidatedSince(tags, ValidAt);

    /// <summary>Nothing was read yet of what the value is made from: it depends on nothing that was invalidated until now.</summary>
    public void BeginAnew(long nowValidAt, WriteGuard nowGuard)
    {
        Volatile.Write(ref guard, nowGuard);
        Volatile.Write(ref validAt, nowValidAt);
    }

    /// <summary>Counts one more caller in; false when all had left already.</summary>
    public bool TryJoin()
    {
        var seen = Volatile.Read(ref waiters);
        while (seen != Closed)
        {
            var before = Interlocked.CompareExchange(ref waiters, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Counts a caller out; the last one cancels the factory.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref waiters) == 0 && Interlocked.CompareExchange(ref waiters, Closed, 0) == 0)
            cancel.Cancel();
    }
}

/// <inheritdoc cref="Flight"/>
internal sealed class Flight<T>(FlightKey id, string[] tags, long validAt, WriteGuard guard, object? group = null) : Flight(id, tags, validAt, guard, group)
{
    readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int taken;

    public Task<T> Task => completion.Task;

    /// <summary>Ended without a value, by a factory of several that left it out.</summary>
    public bool IsLeftOut => completion.Task is { IsFaulted: true, Exception.InnerException: ValueLeftOutException };

    /// <summary>The value in a form that can be copied, where callers must not share it. Set before the flight lands.</summary>
    public CopiedValue<T>? Copies { get; set; }

    public void Land(T value) => completion.TrySetResult(value);

    public void Crash(Exception thrown)
    {
        completion.TrySetException(thrown);

        // Looked at once here: those who waited may all have left or timed out.
        _ = completion.Task.Exception;
    }

    /// <summary>One caller gets the value itself, every further one a copy.</summary>
    public T Share(T value) => Copies is null || Interlocked.Exchange(ref taken, 1) == 0 ? value : Copies.Copy();
}
