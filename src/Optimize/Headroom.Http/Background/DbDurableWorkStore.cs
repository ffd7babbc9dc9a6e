using System.Data.Common;
using System.Text;
using System.Diagnostics.CodeAnalysis;
using Headroom.Http.Databases;

namespace Headroom.Http;

/// <summary>Whose SQL a store speaks.</summary>
public enum DurableWorkDatabase
{
    /// <summary>SQLite 3.35 or later.</summary>
    Sqlite,

    /// <summary>PostgreSQL 12 or later.</summary>
    PostgreSql,
}

/// <summary>
/// Durable work in one table of a database of your own, so that items can be enqueued in the transaction of what they are about. Any ADO.NET driver: <c>NpgsqlDataSource</c>, or
/// <c>SqliteFactory.Instance.CreateDataSource("Data Source=work.db")</c>. A lease is a time from which the row may be seen again, and a random name that its holder has to show; taking one is a single statement, on PostgreSQL with
/// <c>FOR UPDATE SKIP LOCKED</c>, so that workers do not wait for each other. Times are the database's.
/// </summary>
[SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The only text put into a statement is the table's name, which is held to letters, digits and underscores.")]
public sealed class DbDurableWorkStore : IDurableWorkStore
{
    const int ErrorLength = 2_000;

    readonly SqlTable database;
    readonly string table;
    readonly string now;

    /// <summary>A store in a table that <see cref="PrepareAsync"/> makes where it is missing; <see cref="CreateStatements"/> are the statements, to run them yourself where the application may not.</summary>
    /// <param name="source">The database; it stays yours to dispose of.</param>
    /// <param name="database">What kind of database it is.</param>
    /// <param name="table">The table's name: letters, digits and underscores, not beginning with a digit; 48 characters at most. With a schema in front where there is one. Default <c>headroom_work</c>.</param>
    /// <exception cref="ArgumentException">The name is something else.</exception>
    public DbDurableWorkStore(DbDataSource source, DurableWorkDatabase database, string table = "headroom_work")
    {
        this.database = new SqlTable(source, database == DurableWorkDatabase.PostgreSql, table, "headroom_work, or jobs.headroom_work");
        this.table = table;
        now = this.database.IsPostgres ? "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)" : "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
        CreateStatements = StatementsFor(this.database);
    }

    /// <summary>What makes the table and its index where they are missing.</summary>
    public IReadOnlyList<string> CreateStatements { get; }

    /// <summary>The table's name, for the tests.</summary>
    internal string Table => table;

    /// <inheritdoc />
    public ValueTask PrepareAsync(CancellationToken cancellationToken) => database.PrepareAsync(CreateStatements, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> AddAsync(string queue, string id, ReadOnlyMemory<byte> payload, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        var sql = $"INSERT INTO {table} (queue, id, payload, parked, attempts, due_at, created_at) VALUES (@queue, @id, @payload, FALSE, 0, {now}, {now}) ON CONFLICT DO NOTHING";
        if (transaction is null)
            return await database.ChangeAsync(sql, cancellationToken, ("queue", queue), ("id", id), ("payload", payload.ToArray()));

        await using var command = SqlTable.Command(transaction.Connection ?? throw Over(inner: null), sql, ("queue", queue), ("id", id), ("payload", payload.ToArray()));
        try
        {
            command.Transaction = transaction;
        }
        catch (InvalidOperationException over)
        {
            throw Over(over);
        }

        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;

        static ArgumentException Over(Exception? inner) => new("The transaction is over; enqueue before it commits.", nameof(transaction), inner);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<DurableWork>> LeaseAsync(string queue, int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        var sql = $"""
            WITH due AS (SELECT id FROM {table} WHERE queue = @queue AND parked = FALSE AND due_at <= {now} ORDER BY due_at, id LIMIT @most {(database.IsPostgres ? "FOR UPDATE SKIP LOCKED" : "")})
            UPDATE {table} SET due_at = {now} + @lease, attempts = attempts + 1, lease = @holder
            WHERE queue = @queue AND id IN (SELECT id FROM due)
            RETURNING id, payload, attempts
            """;
        var holder = Guid.NewGuid().ToString("N");
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = SqlTable.Command(connection, sql, ("queue", queue), ("lease", Milliseconds(lease)), ("holder", holder), ("most", most));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var leased = new List<DurableWork>();
        while (await rows.ReadAsync(cancellationToken))
            leased.Add(new DurableWork(rows.GetString(0), rows.GetFieldValue<byte[]>(1), rows.GetInt32(2), holder));
        return leased;
    }

    /// <inheritdoc />
    public ValueTask<bool> RenewAsync(string queue, DurableWork work, TimeSpan lease, CancellationToken cancellationToken) =>
        ChangeLeasedAsync($"UPDATE {table} SET due_at = {now} + @lease", queue, work, cancellationToken, ("lease", Milliseconds(lease)));

    /// <inheritdoc />
    public ValueTask<bool> CompleteAsync(string queue, DurableWork work, CancellationToken cancellationToken) =>
        ChangeLeasedAsync($"DELETE FROM {table}", queue, work, cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> RetryAsync(string queue, DurableWork work, TimeSpan delay, string error, CancellationToken cancellationToken) =>
        ChangeLeasedAsync($"UPDATE {table} SET due_at = {now} + @delay, lease = NULL, error = @error", queue, work, cancellationToken, ("delay", Milliseconds(delay)), ("error", Shortened(error)));

    /// <inheritdoc />
    public ValueTask<bool> ReleaseAsync(string queue, DurableWork work, CancellationToken cancellationToken) =>
        ChangeLeasedAsync($"UPDATE {table} SET due_at = {now}, lease = NULL, attempts = attempts - 1", queue, work, cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> ParkAsync(string queue, DurableWork work, string? error, CancellationToken cancellationToken) => error is null
        ? ChangeLeasedAsync($"UPDATE {table} SET parked = TRUE, lease = NULL, attempts = attempts - 1", queue, work, cancellationToken)
        : ChangeLeasedAsync($"UPDATE {table} SET parked = TRUE, lease = NULL, error = @error", queue, work, cancellationToken, ("error", Shortened(error)));

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ParkedWork>> ParkedAsync(string queue, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = SqlTable.Command(
            connection, $"SELECT id, payload, attempts, error FROM {table} WHERE queue = @queue AND parked = TRUE ORDER BY created_at, id LIMIT @most", ("queue", queue), ("most", most));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var parked = new List<ParkedWork>();
        while (await rows.ReadAsync(cancellationToken))
            parked.Add(new ParkedWork(rows.GetString(0), rows.GetFieldValue<byte[]>(1), rows.GetInt32(2), await rows.IsDBNullAsync(3, cancellationToken) ? null : rows.GetString(3)));
        return parked;
    }

    /// <inheritdoc />
    public ValueTask<bool> UnparkAsync(string queue, string id, CancellationToken cancellationToken) =>
        database.ChangeAsync($"UPDATE {table} SET parked = FALSE, attempts = 0, due_at = {now} WHERE queue = @queue AND id = @id AND parked = TRUE", cancellationToken, ("queue", queue), ("id", id));

    /// <inheritdoc />
    public async ValueTask<DurableWorkCounts> CountAsync(string queue, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = SqlTable.Command(connection, $"SELECT count(*), COALESCE(sum(CASE WHEN parked THEN 1 ELSE 0 END), 0) FROM {table} WHERE queue = @queue", ("queue", queue));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        var (all, parked) = (rows.GetInt64(0), rows.GetInt64(1));
        return new DurableWorkCounts(all - parked, parked);
    }

    static string[] StatementsFor(SqlTable table) =>
    [
        $"""
        CREATE TABLE IF NOT EXISTS {table.Name} (
            queue {table.OrderedText} NOT NULL, id {table.OrderedText} NOT NULL, payload {table.Bytes} NOT NULL, parked BOOLEAN NOT NULL, attempts INTEGER NOT NULL,
            due_at BIGINT NOT NULL, created_at BIGINT NOT NULL, lease TEXT NULL, error TEXT NULL, PRIMARY KEY (queue, id))
        """,
        table.IndexStatement("_due", "queue, parked, due_at, id"),
    ];

    static long Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);

    // PostgreSQL's text has no NUL and no half of a character, and nobody reads a megabyte of message.
    static string Shortened(string error)
    {
        var text = error.Length <= ErrorLength ? error : error[..ErrorLength];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', ' ');
    }

    ValueTask<bool> ChangeLeasedAsync(string sql, string queue, DurableWork work, CancellationToken cancellationToken, params (string Name, object Value)[] parameters) => database.ChangeAsync(
        sql + " WHERE queue = @queue AND id = @id AND lease = @holder", cancellationToken, [.. parameters, ("queue", queue), ("id", work.Id), ("holder", work.Lease)]);
}
