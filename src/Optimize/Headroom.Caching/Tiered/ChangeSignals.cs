using System.Collections.Concurrent;

namespace Headroom.Caching.Tiered;

/// <summary>Wakes who waits for something to happen to a key in the store.</summary>
internal sealed class ChangeSignals
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    /// <summary>Completed by the next change after this call. May be completed by nothing: who waits has a time of its own too.</summary>
    public Task Next(string key) => waiting.GetOrAdd(key, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Tell(string key)
    {
        if (waiting.TryRemove(key, out var signal))
            signal.TrySetResult();
    }
}
