using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Headroom.Http.Databases;

namespace Headroom.Http;

/// <summary>Whose SQL a store of keys speaks.</summary>
public enum ApiKeyDatabase
{
    /// <summary>SQLite 3.35 or later.</summary>
    Sqlite,

    /// <summary>PostgreSQL 12 or later.</summary>
    PostgreSql,
}

/// <summary>
/// API keys in one table of a database of your own, by any ADO.NET driver: <c>NpgsqlDataSource</c>, or <c>SqliteFactory.Instance.CreateDataSource("Data Source=keys.db")</c>. The table has SHA-256 of the keys, never a key. A look-up is
/// one statement by primary key. Times are milliseconds since 1970.
/// </summary>
[SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The only text put into a statement is the table's name, which is held to letters, digits and underscores.")]
public sealed class DbApiKeyStore : IApiKeyStore
{
    const string Columns = "id, name, organization_id, status, scopes, instance_ids, created_at, expires_at, revoked_at, replaced_by, last_used_at, use_count";
    const string Active = "active";
    const string Revoked = "revoked";

    readonly SqlTable database;
    readonly string table;

    /// <summary>A store in a table that <see cref="PrepareAsync"/> makes where it is missing; <see cref="CreateStatements"/> are the statements, to run them yourself.</summary>
    /// <param name="source">The database; it stays yours to dispose of.</param>
    /// <param name="database">What kind of database it is.</param>
    /// <param name="table">The table's name: letters, digits and underscores, not beginning with a digit; 48 characters at most. With a schema in front where there is one. Default <c>headroom_api_keys</c>.</param>
    /// <exception cref="ArgumentException">The name is something else.</exception>
    public DbApiKeyStore(DbDataSource source, ApiKeyDatabase database, string table = "headroom_api_keys")
    {
        this.database = new SqlTable(source, database == ApiKeyDatabase.PostgreSql, table, "headroom_api_keys, or auth.headroom_api_keys");
        this.table = table;
        CreateStatements = StatementsFor(this.database);
    }

    /// <summary>What makes the table and its indexes where they are missing.</summary>
    public IReadOnlyList<string> CreateStatements { get; }

    /// <inheritdoc />
    public ValueTask PrepareAsync(CancellationToken cancellationToken) => database.PrepareAsync(CreateStatements, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = SqlTable.Command(connection, $"SELECT {Columns}, hash FROM {table} WHERE id = @id", ("id", id));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? new StoredApiKey(Read(rows), rows.GetFieldValue<byte[]>(12)) : null;
    }

    /// <inheritdoc />
    public async ValueTask<bool> AddAsync(StoredApiKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        await using var connection = await database.OpenAsync(cancellationToken);
        return await AddAsync(connection, transaction: null, key, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(changed);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Changes nothing: it locks the row, so that what is compared is what is written over.
        await using var locking = SqlTable.Command(
            connection,
            $"""
            UPDATE {table} SET name = name
            WHERE id = @id AND status = '{Active}' AND COALESCE(replaced_by, '') = @replaced AND COALESCE(expires_at, @never) = @expires
            RETURNING name, scopes, instance_ids
            """,
            ("id", read.Id),
            ("replaced", read.ReplacedBy ?? ""),
            ("never", long.MaxValue),
            ("expires", read.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue));
        locking.Transaction = transaction;
        if (!await IsAsReadAsync(locking, read, cancellationToken))
            return false;

        await using var command = SqlTable.Command(
            connection,
            $"UPDATE {table} SET name = @name, scopes = @scopes, instance_ids = @instances, expires_at = @expires WHERE id = @id",
            ("id", read.Id),
            ("name", changed.Name),
            ("scopes", string.Join(' ', changed.Scopes)),
            ("instances", changed.InstanceIds is null ? DBNull.Value : string.Join(' ', changed.InstanceIds)),
            ("expires", Milliseconds(changed.ExpiresAt)));
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public ValueTask<bool> RevokeAsync(string id, DateTimeOffset revokedAt, CancellationToken cancellationToken) => database.ChangeAsync(
        $"UPDATE {table} SET status = '{Revoked}', revoked_at = COALESCE(revoked_at, @revoked) WHERE id = @id", cancellationToken, ("id", id), ("revoked", revokedAt.ToUnixTimeMilliseconds()));

    /// <inheritdoc />
    public async ValueTask<bool> ReplaceAsync(string id, StoredApiKey successor, DateTimeOffset endsAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(successor);
        var record = successor.Record;
        var sql = $"""
            UPDATE {table} SET replaced_by = @successor, expires_at = CASE WHEN expires_at IS NULL OR expires_at > @ends THEN @ends ELSE expires_at END
            WHERE id = @id AND status = '{Active}' AND replaced_by IS NULL AND COALESCE(expires_at, @never) > @now AND COALESCE(expires_at, @never) = @expires
            RETURNING name, scopes, instance_ids
            """;
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = SqlTable.Command(connection, sql, ("id", id), ("successor", record.Id), ("ends", endsAt.ToUnixTimeMilliseconds()), ("now", now.ToUnixTimeMilliseconds()), ("never", long.MaxValue), ("expires", record.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue));
        command.Transaction = transaction;

        if (!await IsAsReadAsync(command, record, cancellationToken) || !await AddAsync(connection, transaction, successor, cancellationToken))
            return false;
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken) => database.ChangeAsync($"DELETE FROM {table} WHERE id = @id", cancellationToken, ("id", id));

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId, ApiKeyPosition? after, int most, CancellationToken cancellationToken)
    {
        List<string> conditions = [];
        List<(string, object)> parameters = [("most", most)];
        if (organizationId is not null)
        {
            conditions.Add("organization_id = @organization");
            parameters.Add(("organization", organizationId));
        }

        if (after is not null)
        {
            conditions.Add("(created_at < @created OR (created_at = @created AND id > @id))");
            parameters.Add(("created", after.CreatedAt.ToUnixTimeMilliseconds()));
            parameters.Add(("id", after.Id));
        }

        var where = conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}";
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = SqlTable.Command(connection, $"SELECT {Columns} FROM {table} {where} ORDER BY created_at DESC, id LIMIT @most", [.. parameters]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var records = new List<ApiKeyRecord>();
        while (await rows.ReadAsync(cancellationToken))
            records.Add(Read(rows));
        return records;
    }

    /// <inheritdoc />
    public async ValueTask AddUsageAsync(IReadOnlyList<ApiKeyUsage> usage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(usage);
        var later = database.IsPostgres ? "GREATEST" : "MAX";
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = SqlTable.Command(
            connection, $"UPDATE {table} SET use_count = use_count + @count, last_used_at = {later}(COALESCE(last_used_at, 0), @used) WHERE id = @id", ("id", ""), ("count", 0L), ("used", 0L));
        command.Transaction = transaction;
        foreach (var each in usage)
        {
            command.Parameters["id"].Value = each.Id;
            command.Parameters["count"].Value = each.Count;
            command.Parameters["used"].Value = each.LastUsedAt.ToUnixTimeMilliseconds();
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    static string[] StatementsFor(SqlTable table) =>
    [
        $"""
        CREATE TABLE IF NOT EXISTS {table.Name} (
            id {table.OrderedText} NOT NULL PRIMARY KEY, hash {table.Bytes} NOT NULL, name TEXT NOT NULL, organization_id TEXT NOT NULL, status TEXT NOT NULL, scopes TEXT NOT NULL, instance_ids TEXT NULL,
            created_at BIGINT NOT NULL, expires_at BIGINT NULL, revoked_at BIGINT NULL, replaced_by TEXT NULL, last_used_at BIGINT NULL, use_count BIGINT NOT NULL DEFAULT 0)
        """,
        table.IndexStatement("_age", "created_at DESC, id"),
        table.IndexStatement("_organization", "organization_id, created_at DESC, id"),
    ];

    static ApiKeyRecord Read(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        OrganizationId = row.GetString(2),

        // Anything else than active is not.
        Status = row.GetString(3) == Active ? ApiKeyStatus.Active : ApiKeyStatus.Revoked,
        Scopes = Words(row.GetString(4)),
        InstanceIds = row.IsDBNull(5) ? null : Words(row.GetString(5)),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
        ExpiresAt = Time(row, 7),
        RevokedAt = Time(row, 8),
        ReplacedBy = row.IsDBNull(9) ? null : row.GetString(9),
        LastUsedAt = Time(row, 10),
        UseCount = row.GetInt64(11),
    };

    static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // Compared here, where they are words: the row is locked by the update, so nobody changes them between this and the end of the transaction.
    static async ValueTask<bool> IsAsReadAsync(DbCommand update, ApiKeyRecord read, CancellationToken cancellationToken)
    {
        var isAsRead = false;
        await using var rows = await update.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            isAsRead = rows.GetString(0) == read.Name && AreSame(Words(rows.GetString(1)), read.Scopes) && AreSame(rows.IsDBNull(2) ? null : Words(rows.GetString(2)), read.InstanceIds);
        return isAsRead;
    }

    static bool AreSame(string[]? words, IReadOnlyList<string>? others) => words is null || others is null ? words is null && others is null : words.SequenceEqual(others, StringComparer.Ordinal);

    static object Milliseconds(DateTimeOffset? time) => time is { } at ? at.ToUnixTimeMilliseconds() : DBNull.Value;

    async ValueTask<bool> AddAsync(DbConnection connection, DbTransaction? transaction, StoredApiKey key, CancellationToken cancellationToken)
    {
        var record = key.Record;
        await using var command = SqlTable.Command(
            connection,
            $"""
            INSERT INTO {table} (id, hash, name, organization_id, status, scopes, instance_ids, created_at, expires_at, revoked_at, replaced_by)
            VALUES (@id, @hash, @name, @organization, @status, @scopes, @instances, @created, @expires, @revoked, @replaced) ON CONFLICT DO NOTHING
            """,
            ("id", record.Id),
            ("hash", key.Hash.ToArray()),
            ("name", record.Name),
            ("organization", record.OrganizationId),
            ("status", record.Status == ApiKeyStatus.Active ? Active : Revoked),
            ("scopes", string.Join(' ', record.Scopes)),
            ("instances", record.InstanceIds is null ? DBNull.Value : string.Join(' ', record.InstanceIds)),
            ("created", record.CreatedAt.ToUnixTimeMilliseconds()),
            ("expires", Milliseconds(record.ExpiresAt)),
            ("revoked", Milliseconds(record.RevokedAt)),
            ("replaced", (object?)record.ReplacedBy ?? DBNull.Value));
        command.Transaction = transaction;
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
