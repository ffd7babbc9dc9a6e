using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Headroom.Telemetry;

/// <summary>
/// Where database calls report how long they took: the histogram <see cref="HeadroomMeters.DatabaseOperationDuration"/> in seconds with the tags
/// <c>db.operation.name</c>, <c>db.system.name</c> and <c>error.type</c> of OpenTelemetry's conventions for database clients.
/// Recording allocates nothing. Pools of connections tell their use through <see cref="ObservePool"/>.
/// </summary>
public sealed class DatabaseMetrics
{
    const string OperationTag = "db.operation.name";
    const string SystemTag = "db.system.name";
    const string ErrorTag = "error.type";

    const string PoolTag = "db.client.connection.pool.name";
    const string StateTag = "db.client.connection.state";

    readonly Histogram<double> duration;
    readonly ConcurrentDictionary<Pool, byte> pools = new();

    /// <summary>Creates the histogram on the meter <see cref="HeadroomMeters.Data"/>.</summary>
    public DatabaseMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(HeadroomMeters.Data);
        duration = meter.CreateHistogram(
            HeadroomMeters.DatabaseOperationDuration,
            "s",
            "Duration of database client operations.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });
        meter.CreateObservableUpDownCounter(HeadroomMeters.DatabaseConnectionCount, Connections, "{connection}", "Connections of a pool, by state: used or idle.");
        meter.CreateObservableUpDownCounter(HeadroomMeters.DatabaseConnectionMax, Bounds, "{connection}", "The most connections that a pool can have.");
        meter.CreateObservableUpDownCounter(HeadroomMeters.DatabasePendingRequests, Waiting, "{request}", "Callers that wait for a connection of a pool.");
    }

    /// <summary>Counts one finished operation.</summary>
    /// <param name="elapsed">From sending the command to having read its result.</param>
    /// <param name="operation">The operation's name, from a small fixed set: <c>SELECT</c>, <c>list-chats</c>. Never the SQL text.</param>
    /// <param name="system">The database, as the conventions name it: <c>sqlite</c>, <c>postgresql</c>. Null leaves the tag out.</param>
    /// <param name="errorType">The exception's type or the SQLSTATE when the operation failed; null when it succeeded.</param>
    public void Record(TimeSpan elapsed, string operation, string? system = null, string? errorType = null)
    {
        var seconds = elapsed.TotalSeconds;
        var operationTag = new KeyValuePair<string, object?>(OperationTag, operation);
        if (system is null && errorType is null)
        {
            duration.Record(seconds, operationTag);
            return;
        }

        // Tags without a value are left out of the series, so a null here costs nothing and needs no third shape.
        duration.Record(
            seconds,
            operationTag,
            new KeyValuePair<string, object?>(SystemTag, system),
            new KeyValuePair<string, object?>(ErrorTag, errorType));
    }

    /// <summary>Has a pool of connections asked for its use each time somebody collects: <c>db.client.connection.count</c> by state, <c>.max</c> and <c>.pending_requests</c>, as in OpenTelemetry's conventions.</summary>
    /// <param name="pool">The pool's name, unique in the process. Never a connection string.</param>
    /// <param name="use">Must be quick and safe to call from any thread.</param>
    /// <returns>Ends it when disposed of.</returns>
    public IDisposable ObservePool(string pool, Func<ConnectionPoolUse> use)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pool);
        ArgumentNullException.ThrowIfNull(use);
        var observed = new Pool(pools, new KeyValuePair<string, object?>(PoolTag, pool), use);
        pools.TryAdd(observed, 0);
        return observed;
    }

    IEnumerable<Measurement<int>> Connections()
    {
        foreach (var (pool, _) in pools)
        {
            var use = pool.Use();
            yield return new(use.Used, pool.Name, new(StateTag, "used"));
            yield return new(use.Idle, pool.Name, new(StateTag, "idle"));
        }
    }

    IEnumerable<Measurement<int>> Bounds()
    {
        foreach (var (pool, _) in pools)
        {
            if (pool.Use().Max is { } max)
                yield return new(max, pool.Name);
        }
    }

    IEnumerable<Measurement<int>> Waiting() => pools.Select(pair => new Measurement<int>(pair.Key.Use().Waiting, pair.Key.Name));

    sealed class Pool(ConcurrentDictionary<Pool, byte> pools, KeyValuePair<string, object?> name, Func<ConnectionPoolUse> use) : IDisposable
    {
        public KeyValuePair<string, object?> Name { get; } = name;

        public Func<ConnectionPoolUse> Use { get; } = use;

        public void Dispose() => pools.TryRemove(this, out _);
    }
}
