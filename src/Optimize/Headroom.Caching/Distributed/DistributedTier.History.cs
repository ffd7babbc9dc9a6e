using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Headroom.Caching.Distributed;

/// <summary>
/// A store that came back without its latest invalidations would have entries valid again that were over, and nobody who made those invalidations need be there any more. So the store itself says under which
/// history its entries were written.
/// <list type="number">
/// <item>After every new connection the store is asked for its history (<see cref="IStoreHistory"/>) before anything that is read over that connection is believed; what was read across a loss is not.</item>
/// <item>If the store's own note (<see cref="StoreKeys.History"/>) has all the names, nothing was lost since the entries were written.</item>
/// <item>Else the marker of everything is written, which ends every entry on every node; and after it the note, so that whoever finds the note finds the marker too.</item>
/// </list>
/// </summary>
internal sealed partial class DistributedTier
{
    private const int FormerNamesMax = 8;
    private const int HistoryTries = 3;

    private readonly IStoreHistory? _history;
    private readonly Lock _historyLock = new();
    private Task<bool>? _verifying;
    private long _verifiedConnections = -1;

    /// <summary>Whether what the store has follows on all that it ever confirmed.</summary>
    private ValueTask<bool> IsSameHistoryAsync(CancellationToken cancellation) =>
        _history is null || _history.Connections == Volatile.Read(ref _verifiedConnections) ? new ValueTask<bool>(true) : WhenVerifiedAsync(cancellation);

    /// <summary>One asks for all who wait; none waits longer than a read may take.</summary>
    private async ValueTask<bool> WhenVerifiedAsync(CancellationToken cancellation)
    {
        Task<bool> verifying;
        lock (_historyLock)
        {
            if (_verifying is not { IsCompleted: false })
            {
                using (ExecutionContext.SuppressFlow())
                    _verifying = Task.Run(VerifyAsync, CancellationToken.None);
            }

            verifying = _verifying;
        }

        try
        {
            return await verifying.WaitAsync(_options.ReadTimeout, _time, cancellation);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<bool> VerifyAsync()
    {
        // The first connection is often made by this very question.
        for (var attempt = 0; attempt < HistoryTries; attempt++)
        {
            var connections = _history!.Connections;
            if (!await IsNotedAsync())
                return false;
            if (_history.Connections != connections)
                continue;
            Tags.ForgetAll();
            Volatile.Write(ref _verifiedConnections, connections);
            return true;
        }

        return false;
    }

    /// <summary>Whether the store's note has its present history, now at the latest.</summary>
    private async ValueTask<bool> IsNotedAsync()
    {
        IReadOnlyList<string> names = [];
        if (!await _calls.TryAsync(async token => names = await _history!.HistoryAsync(token), _options.ReadTimeout, static () => { }, CancellationToken.None))
            return false;
        if (names.Count == 0)
            return true;
        if (await GetAsync([_keys.History], CancellationToken.None) is not { } values)
            return false;
        string[] noted = values[0].Exists ? Encoding.UTF8.GetString(values[0].Bytes.Span).Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
        DisposeAll(values);
        if (names.All(noted.Contains))
            return true;

        // A name never comes back, so former ones do no harm; they are of servers that could not be asked just now.
        var note = string.Join(',', names.Concat(noted.Except(names, StringComparer.Ordinal).Take(FormerNamesMax)));
        if (!await WriteAsync(TagMarkerWrite(StoreKeys.AllTag)) || !await WriteAsync(new StoreWrite(_keys.History, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(note)), AllMarkerLife)))
            return false;
        if (noted.Length > 0)
            LogOtherHistory();
        return true;
    }

    private ValueTask<bool> WriteAsync(StoreWrite write)
    {
        StoreWrite[] writes = [write];
        return _calls.TryAsync(token => _store.SetAsync(writes, token), _options.WriteTimeout, static () => { }, CancellationToken.None);
    }

    [LoggerMessage(EventId = 2104, Level = LogLevel.Warning, Message = "The second tier's store was restored, restarted or failed over, and may lack invalidations that it had confirmed: all its entries are over.")]
    private partial void LogOtherHistory();
}
