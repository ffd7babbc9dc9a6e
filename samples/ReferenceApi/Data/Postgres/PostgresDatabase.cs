using System.Data.Common;
using Headroom.Telemetry;
using Npgsql;
using ReferenceApi.Hosting;

namespace ReferenceApi.Data.Postgres;

/// <summary>
/// PostgreSQL over Npgsql. Plain takes the library's defaults: its pool of up to 100 connections, reset on every return, each statement planned anew.
/// What the connection string says itself always stays.
/// </summary>
internal sealed class PostgresDatabase : Database
{
    private readonly NpgsqlDataSource source;
    private readonly PostgresDataSet? dataSet;

    public PostgresDatabase(string connectionString, string schema, FeatureSet features, DatabaseMetrics metrics, TimeProvider time, PostgresDataSet? dataSet = null)
        : base("postgresql", metrics, time)
    {
        this.dataSet = dataSet;
        // The name is what Npgsql's metrics call the pool.
        source = new NpgsqlDataSourceBuilder(Settings(connectionString, schema, features).ConnectionString) { Name = "reference-api" }.Build();
    }

    public override async ValueTask<DatabaseSession> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        return new DatabaseSession(this, connection, transaction: null, connection.DisposeAsync, cancellationToken);
    }

    public override async ValueTask<DatabaseSession> BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            return new DatabaseSession(this, connection, transaction, connection.DisposeAsync, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override string IsAnyOf(string column, string parameter) => $"{column} = ANY({parameter})";

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        if (dataSet is not null)
            await dataSet.DisposeAsync();
    }

    /// <summary>The connection string with what the features add to it.</summary>
    internal static NpgsqlConnectionStringBuilder Settings(string connectionString, string schema, FeatureSet features)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = schema, ApplicationName = "reference-api" };

        // The base class keeps what was written; Npgsql's own answers for every known key with its default.
        var written = new DbConnectionStringBuilder { ConnectionString = connectionString };
        void Default(string key, object value)
        {
            if (!written.ContainsKey(key))
                settings[key] = value;
        }

        if (features[Feature.Pooling])
        {
            // A few connections a core keep the server busy; more only make its processes take turns. Nothing here changes a
            // session's state, so it need not be reset on return.
            var most = Math.Max(8, 4 * Environment.ProcessorCount);
            Default("Minimum Pool Size", 2);
            Default("Maximum Pool Size", most);
            Default("No Reset On Close", true);
        }

        if (features[Feature.PreparedStatements])
        {
            Default("Max Auto Prepare", 128);
            Default("Auto Prepare Min Usages", 2);
        }

        return settings;
    }
}
