using Headroom.Telemetry;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Data.Postgres;
using ReferenceApi.Data.Sqlite;
using ReferenceApi.Hosting;

namespace ReferenceApi.Data;

/// <summary>A data set that is ready for use, in either database.</summary>
internal sealed class DatabaseSource : IAsyncDisposable
{
    private readonly SqliteWorkingCopy? sqlite;
    private readonly PostgresDataSet? postgres;
    private readonly string connectionString;

    private DatabaseSource(SqliteWorkingCopy? sqlite, PostgresDataSet? postgres, string connectionString) =>
        (this.sqlite, this.postgres, this.connectionString) = (sqlite, postgres, connectionString);

    /// <summary>Finds the data set or builds it.</summary>
    public static async Task<DatabaseSource> PrepareAsync(
        DatabaseAddress address, DataSetSpecification dataSet, string? folder, FeatureSet features, BuildOutput output, CancellationToken cancellationToken)
    {
        if (address.PostgresConnectionString is { } connectionString)
        {
            var store = new PostgresDataSetStore(connectionString, dataSet, output, TimeProvider.System);
            return new DatabaseSource(sqlite: null, await store.OpenAsync(features[Feature.Indexes], cancellationToken), connectionString);
        }

        SQLitePCL.Batteries_V2.Init();
        var files = new SqliteDataSetStore(Path.GetFullPath(folder ?? DefaultFolder()), dataSet, output, TimeProvider.System);
        return new DatabaseSource(await files.OpenAsync(features[Feature.Indexes], cancellationToken), postgres: null, connectionString: "");
    }

    /// <summary>Opens the database; it disposes of the data set's use together with itself.</summary>
    public Database Open(FeatureSet features, DatabaseMetrics metrics, TimeProvider time) => sqlite is not null
        ? new SqliteDatabase(sqlite.DatabasePath, features, metrics, time, sqlite)
        : new PostgresDatabase(connectionString, postgres!.Schema, features, metrics, time, postgres);

    public async ValueTask DisposeAsync()
    {
        sqlite?.Dispose();
        if (postgres is not null)
            await postgres.DisposeAsync();
    }

    private static string DefaultFolder()
    {
        // On Linux $XDG_DATA_HOME or ~/.local/share.
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length > 0
            ? Path.Combine(local, "headroom", "reference-api")
            : throw new StartupException("There is no folder for application data, because HOME is not set. Name one with --data DIR.", exitCode: ExitCode.Usage);
    }
}
