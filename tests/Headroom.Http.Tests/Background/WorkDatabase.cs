using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Headroom.Http.Tests.Background;

/// <summary>An empty database for durable work, gone at the end.</summary>
public abstract class WorkDatabase : IAsyncLifetime
{
    public abstract DurableWorkDatabase Kind { get; }

    public DbDataSource Source { get; private set; } = null!;

    public abstract string ConnectionString { get; }

    public static DbDataSource Open(DurableWorkDatabase kind, string connectionString)
    {
        if (kind == DurableWorkDatabase.PostgreSql)
            return NpgsqlDataSource.Create(connectionString);
        SQLitePCL.Batteries_V2.Init();
        return SqliteFactory.Instance.CreateDataSource(connectionString);
    }

    /// <summary>A store in a table of its own, made.</summary>
    public async Task<DbDurableWorkStore> StoreAsync()
    {
        var store = new DbDurableWorkStore(Source, Kind, NewTable());
        await store.PrepareAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public static string NewTable() => "work_" + Guid.NewGuid().ToString("N")[..20];

    public virtual ValueTask InitializeAsync()
    {
        Source = Open(Kind, ConnectionString);
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Source.DisposeAsync();
    }
}

public sealed class SqliteWorkDatabase : WorkDatabase
{
    readonly string folder = Directory.CreateTempSubdirectory("headroom-work-").FullName;

    public override DurableWorkDatabase Kind => DurableWorkDatabase.Sqlite;

    public override string ConnectionString => $"Data Source={Path.Combine(folder, "work.db")}";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();

        // As docs/background-work.md asks for: else readers find the database locked while somebody writes.
        await using var connection = await Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}

public sealed class PostgresWorkDatabase : WorkDatabase
{
    readonly string name = "work_" + Guid.NewGuid().ToString("N");

    public override DurableWorkDatabase Kind => DurableWorkDatabase.PostgreSql;

    public override string ConnectionString => new NpgsqlConnectionStringBuilder(Require.Postgres()) { Database = name, MaxPoolSize = 20 }.ToString();

    public override async ValueTask InitializeAsync()
    {
        await RunAsync($"CREATE DATABASE {name}");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await RunAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    static async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Require.Postgres());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
