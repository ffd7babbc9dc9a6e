using System.Data.Common;
using Headroom.Telemetry;

namespace ReferenceApi.Data;

/// <summary>
/// Lends connections. <see cref="OpenAsync"/> is for reading; <see cref="BeginAsync"/> starts a transaction for writing, which is undone
/// unless <see cref="DatabaseSession.CommitAsync"/> is called.
/// </summary>
internal abstract class Database(string system, DatabaseMetrics metrics, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The database's name in OpenTelemetry's conventions: <c>sqlite</c> or <c>postgresql</c>.</summary>
    public string System { get; } = system;

    public abstract ValueTask<DatabaseSession> OpenAsync(CancellationToken cancellationToken);

    public abstract ValueTask<DatabaseSession> BeginAsync(CancellationToken cancellationToken);

    /// <summary>The condition that a column's value is one of a list: PostgreSQL takes a list as one parameter, for SQLite Dapper writes it out.</summary>
    public abstract string IsAnyOf(string column, string parameter);

    public abstract ValueTask DisposeAsync();

    internal long Timestamp() => time.GetTimestamp();

    internal void Record(string operation, long startedAt, Exception? failure) =>
        metrics.Record(time.GetElapsedTime(startedAt), operation, System, failure is null ? null : ErrorType(failure));

    private static string ErrorType(Exception failure) => failure is DbException { SqlState: { } state } ? state : failure.GetType().Name;
}
