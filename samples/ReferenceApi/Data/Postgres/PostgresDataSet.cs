using Npgsql;

namespace ReferenceApi.Data.Postgres;

/// <summary>A data set in use: its schema, and the connection whose lock keeps others from rebuilding it meanwhile.</summary>
internal sealed class PostgresDataSet(string schema, NpgsqlConnection lockConnection) : IAsyncDisposable
{
    public string Schema { get; } = schema;

    public ValueTask DisposeAsync() => lockConnection.DisposeAsync();
}
