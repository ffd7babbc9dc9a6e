using System.Collections.Concurrent;
using Headroom.Telemetry;
using Microsoft.Data.Sqlite;

namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// Connections that stay open between sessions. With a maximum, sessions wait for one to come back; without, there are as many
/// as sessions at the busiest moment.
/// </summary>
/// <param name="open">Opens one more connection.</param>
/// <param name="maximum">Most connections at a time; null for no bound.</param>
/// <param name="statementsPerConnection">Prepared statements that each keeps; 0 keeps none.</param>
internal sealed class SqliteConnectionPool(Func<SqliteConnection> open, int? maximum, int statementsPerConnection) : IDisposable
{
    private readonly SemaphoreSlim? free = maximum is { } count ? new SemaphoreSlim(count, count) : null;

    // A stack: the connection used last has the warmest cache.
    private readonly ConcurrentStack<KeptSqliteConnection> idle = new();
    private int opened;
    private int waiting;
    private volatile bool disposed;
    private long statementsReused;

    public int? Maximum => maximum;

    /// <summary>What metrics show of it.</summary>
    public ConnectionPoolUse Use
    {
        get
        {
            var resting = idle.Count;
            return new ConnectionPoolUse(Math.Max(0, Opened - resting), resting, Maximum, Volatile.Read(ref waiting));
        }
    }

    public int Opened => Volatile.Read(ref opened);

    public long StatementsReused => Interlocked.Read(ref statementsReused);

    public async ValueTask<KeptSqliteConnection> RentAsync(CancellationToken cancellationToken)
    {
        if (free?.Wait(0, CancellationToken.None) == false)
            await WaitAsync(free, cancellationToken);

        if (idle.TryPop(out var kept))
            return kept;

        try
        {
            kept = new KeptSqliteConnection(open(), statementsPerConnection);
            Interlocked.Increment(ref opened);
            return kept;
        }
        catch
        {
            free?.Release();
            throw;
        }
    }

    private async Task WaitAsync(SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            await turn.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public ValueTask Return(KeptSqliteConnection kept)
    {
        Interlocked.Add(ref statementsReused, kept.TakeStatementsReused());
        if (disposed)
        {
            // A request that outlived the shutdown: nobody else will close its connection.
            kept.Dispose();
            return ValueTask.CompletedTask;
        }

        idle.Push(kept);
        free?.Release();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryPop(out var kept))
            kept.Dispose();

        free?.Dispose();
    }
}
