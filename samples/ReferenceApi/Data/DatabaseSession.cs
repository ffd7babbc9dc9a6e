using System.Data.Common;
using Dapper;

namespace ReferenceApi.Data;

/// <summary>
/// A connection on loan, with Dapper's calls measured: each names its operation, which is what the metric shows. Not for use by two callers at a time.
/// </summary>
/// <param name="giveBack">Closes the connection or returns it to its pool.</param>
internal sealed class DatabaseSession(
    Database database,
    DbConnection connection,
    DbTransaction? transaction,
    Func<ValueTask> giveBack,
    CancellationToken cancellationToken) : IAsyncDisposable
{
    public DbConnection Connection => connection;

    public Task<List<T>> QueryAsync<T>(string operation, string sql, object? parameters = null) =>
        MeasureAsync(operation, async () => (await connection.QueryAsync<T>(Command(sql, parameters))).AsList());

    /// <summary>The first row, or null when there is none.</summary>
    public Task<T?> QueryFirstOrDefaultAsync<T>(string operation, string sql, object? parameters = null) =>
        MeasureAsync(operation, () => connection.QueryFirstOrDefaultAsync<T>(Command(sql, parameters)));

    public Task<T> QuerySingleAsync<T>(string operation, string sql, object? parameters = null) =>
        MeasureAsync(operation, () => connection.QuerySingleAsync<T>(Command(sql, parameters)));

    /// <summary>Runs a statement, or the same one for each element when <paramref name="parameters"/> is a list; tells how many rows it changed.</summary>
    public Task<int> ExecuteAsync(string operation, string sql, object? parameters = null) =>
        MeasureAsync(operation, () => connection.ExecuteAsync(Command(sql, parameters)));

    public Task CommitAsync()
    {
        if (transaction is null)
            throw new InvalidOperationException("A session for reading has nothing to commit: open it with BeginAsync.");

        return MeasureAsync("commit", async () =>
        {
            await transaction.CommitAsync(cancellationToken);
            return 0;
        });
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Rolls back what was not committed.
            if (transaction is not null)
                await transaction.DisposeAsync();
        }
        finally
        {
            await giveBack();
        }
    }

    private CommandDefinition Command(string sql, object? parameters) =>
        new(sql, parameters, transaction, cancellationToken: cancellationToken);

    private async Task<T> MeasureAsync<T>(string operation, Func<Task<T>> call)
    {
        var startedAt = database.Timestamp();
        try
        {
            var result = await call();
            database.Record(operation, startedAt, failure: null);
            return result;
        }
        catch (Exception failure)
        {
            database.Record(operation, startedAt, failure);
            throw;
        }
    }
}
