using Dapper;
using Npgsql;

namespace ReferenceApi.Tests.Harness;

/// <summary>An empty database of its own on the PostgreSQL of this run, dropped at the end.</summary>
internal sealed class PostgresTestDatabase : IAsyncDisposable
{
    private readonly string name;

    private PostgresTestDatabase(string name) => this.name = name;

    public string ConnectionString => new NpgsqlConnectionStringBuilder(Require.Postgres()) { Database = name }.ToString();

    public string Argument => "--ConnectionStrings:Database=" + ConnectionString;

    /// <summary>
    /// With a bound to the connections: classes run at the same time, and the server has 100 for all of them, which one
    /// API in plain mode would take alone.
    /// </summary>
    public string BoundedArgument(int connections) => FormattableString.Invariant($"{Argument};Maximum Pool Size={connections}");

    public static async Task<PostgresTestDatabase> CreateAsync()
    {
        var created = "reference_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(Require.Postgres());
        await connection.ExecuteAsync($"CREATE DATABASE {created}");
        return new PostgresTestDatabase(created);
    }

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await using var connection = new NpgsqlConnection(Require.Postgres());
        await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }
}
