using System.Diagnostics.Metrics;

namespace Headroom.Telemetry;

/// <summary>
/// Where database calls report how long they took: the histogram <see cref="HeadroomMeters.DatabaseOperationDuration"/> in seconds with the tags
/// <c>db.operation.name</c>, <c>db.system.name</c> and <c>error.type</c> of OpenTelemetry's conventions for database clients.
/// Recording allocates nothing.
/// </summary>
public sealed class DatabaseMetrics
{
    const string OperationTag = "db.operation.name";
    const string SystemTag = "db.system.name";
    const string ErrorTag = "error.type";

    readonly Histogram<double> duration;

    /// <summary>Creates the histogram on the meter <see cref="HeadroomMeters.Data"/>.</summary>
    public DatabaseMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        duration = meters.Create(HeadroomMeters.Data).CreateHistogram(
            HeadroomMeters.DatabaseOperationDuration,
            "s",
            "Duration of database client operations.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });
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
}
