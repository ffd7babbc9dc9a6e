using System.Data;
using Dapper;
using Headroom.Telemetry;
using Microsoft.Data.Sqlite;
using ReferenceApi.Hosting;

namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// SQLite over the library, in three ways. Plain: a connection from the library's own pool for each session, as its documentation shows. With
/// <see cref="Feature.Pooling"/>: as many kept connections as there are cores, for which sessions wait their turn, since SQLite's calls block their thread and more
/// of them only contend. With <see cref="Feature.PreparedStatements"/>: connections are kept too, because a statement lives no longer than its connection, and each keeps
/// its statements; without Pooling as many as are in use at once.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private const int StatementsPerConnection = 128;

    // Per kept connection; SQLite's own default is 2 MB.
    private const int PooledCacheKibibytes = 8_192;

    // Between two attempts the library sleeps 150 ms when the database is busy; SQLite's own handler wakes up far sooner.
    private const int BusyTimeoutMs = 5_000;

    private readonly string connectionString;
    private readonly SqliteConnectionPool? readers;
    private readonly SqliteConnectionPool? writers;
    private readonly SqliteWorkingCopy? workingCopy;

    // SQLite lets one connection write at a time; waiting here is cheaper than being refused there and trying again.
    private readonly SemaphoreSlim writing = new(1, 1);

    public SqliteDatabase(string path, FeatureSet features, DatabaseMetrics metrics, TimeProvider time, SqliteWorkingCopy? workingCopy = null)
        : base("sqlite", metrics, time)
    {
        this.workingCopy = workingCopy;
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite }.ToString();
        UseWriteAheadLog();

        var pooled = features[Feature.Pooling];
        var statements = features[Feature.PreparedStatements] ? StatementsPerConnection : 0;
        if (!pooled && statements == 0)
            return;

        readers = new SqliteConnectionPool(() => OpenKept(pooled), pooled ? Math.Max(2, Environment.ProcessorCount) : null, statements);
        writers = new SqliteConnectionPool(() => OpenKept(pooled), 1, statements);
        metrics.ObservePool("sqlite-readers", () => readers.Use);
        metrics.ObservePool("sqlite-writers", () => writers.Use);
    }

    /// <summary>Statements that were run again without being prepared again.</summary>
    public long StatementsReused => (readers?.StatementsReused ?? 0) + (writers?.StatementsReused ?? 0);

    /// <summary>Connections kept open at this moment.</summary>
    public int ConnectionsKept => (readers?.Opened ?? 0) + (writers?.Opened ?? 0);

    /// <summary>How many there can be, one writer included; null when nothing bounds them.</summary>
    public int? MostConnections => readers?.Maximum + 1;

    public override async ValueTask<DatabaseSession> OpenAsync(CancellationToken cancellationToken)
    {
        if (readers is not null)
        {
            var kept = await readers.RentAsync(cancellationToken);
            return new DatabaseSession(this, kept, transaction: null, () => readers.Return(kept), cancellationToken);
        }

        var connection = await ConnectAsync(cancellationToken);
        return new DatabaseSession(this, connection, transaction: null, connection.DisposeAsync, cancellationToken);
    }

    public override async ValueTask<DatabaseSession> BeginAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (writers is not null)
            {
                var kept = await writers.RentAsync(cancellationToken);
                return new DatabaseSession(this, kept, kept.BeginTransaction(IsolationLevel.Serializable), () => EndWriting(writers.Return(kept)), cancellationToken);
            }

            var connection = await ConnectAsync(cancellationToken);
            return new DatabaseSession(this, connection, connection.BeginTransaction(), () => EndWriting(connection.DisposeAsync()), cancellationToken);
        }
        catch
        {
            writing.Release();
            throw;
        }
    }

    public override string IsAnyOf(string column, string parameter) => $"{column} IN {parameter}";

    public override ValueTask DisposeAsync()
    {
        readers?.Dispose();
        writers?.Dispose();
        writing.Dispose();
        using (var connection = new SqliteConnection(connectionString))
            SqliteConnection.ClearPool(connection);

        workingCopy?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask EndWriting(ValueTask giveBack)
    {
        try
        {
            await giveBack;
        }
        finally
        {
            writing.Release();
        }
    }

    private async ValueTask<SqliteConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private SqliteConnection OpenKept(bool pooled)
    {
        var connection = new SqliteConnection(connectionString + ";Pooling=False");
        connection.Open();
        connection.Execute(FormattableString.Invariant($"PRAGMA busy_timeout = {BusyTimeoutMs}"));
        if (pooled)
            connection.Execute(FormattableString.Invariant($"PRAGMA cache_size = -{PooledCacheKibibytes}"));

        return connection;
    }

    /// <summary>Readers then do not wait for a writer, nor it for them. The mode is kept in the file; plain code sets it as well as tuned.</summary>
    private void UseWriteAheadLog()
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        connection.Execute("PRAGMA journal_mode = WAL");
    }
}
