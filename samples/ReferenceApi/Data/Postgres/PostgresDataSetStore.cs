using System.Globalization;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Data.Sql;
using ReferenceApi.Hosting;

namespace ReferenceApi.Data.Postgres;

/// <summary>
/// Data sets as schemas of one PostgreSQL database: <c>reference_NAME</c>, and <c>reference_NAME_indexed</c> with the secondary indexes. APIs that run
/// at the same time on the same schema share it; the first one to start after the last has stopped takes back what was written, so that
/// every run begins with the same rows.
/// </summary>
/// <remarks>
/// Who may do what is decided by one advisory lock a schema. 1. A start tries to take it exclusively. 2. With it: nobody builds and nobody runs, so build the set into
/// <c>SCHEMA_building</c> and rename that, or, if the set is there, take back what was written. 3. Then hold the lock shared until the process stops,
/// and give up the exclusive one. 4. Without it: somebody builds or runs; wait for the shared lock, which comes at once from a runner and when it is done from a builder.
/// The server frees the locks of a process that dies, and whatever a dead builder left is dropped by the next.
/// </remarks>
internal sealed class PostgresDataSetStore(string connectionString, DataSetSpecification specification, BuildOutput output, TimeProvider time)
{
    // "Headroom" in ASCII, so that the lock's number does not meet that of another program's lock by chance.
    private const int LockSpace = 0x48656164;

    private const int MostAttempts = 50;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    public async Task<PostgresDataSet> OpenAsync(bool indexes, CancellationToken cancellationToken)
    {
        var schema = $"reference_{specification.Name}{(indexes ? "_indexed" : "")}";
        try
        {
            // A connection of its own: the lock belongs to the session, and the pool must not hand it to anyone.
            var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Command Timeout=0;Keepalive=30");
            try
            {
                await connection.OpenAsync(cancellationToken);
                await PrepareAsync(connection, schema, indexes, cancellationToken);
                return new PostgresDataSet(schema, connection);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            throw new StartupException($"The data set '{specification.Name}' could not be prepared in {Target()}: {Reason(exception)}", exception);
        }
    }

    private async Task PrepareAsync(NpgsqlConnection connection, string schema, bool indexes, CancellationToken cancellationToken)
    {
        var (space, key) = (LockSpace, LockKey(schema));
        for (var attempt = 0; ; attempt++)
        {
            if (await connection.ExecuteScalarAsync<bool>("SELECT pg_try_advisory_lock(@space, @key)", new { space, key }))
            {
                if (await IsCurrentAsync(connection, schema, indexes))
                    await TakeBackWritesAsync(connection, schema, cancellationToken);
                else
                    await BuildAsync(connection, schema, indexes, cancellationToken);

                await connection.ExecuteAsync("SELECT pg_advisory_lock_shared(@space, @key), pg_advisory_unlock(@space, @key)", new { space, key });
                return;
            }

            if (attempt == MostAttempts)
            {
                throw new StartupException(
                    $"The schema '{schema}' in {Target()} is in use by another Reference API that was started with another seed or version. "
                    + "Stop that one, or name another database in ConnectionStrings:Database.");
            }

            if (attempt == 0)
                output.Say($"Another process builds or uses the schema '{schema}': waiting until it can be shared.");

            await connection.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_lock_shared(@space, @key)", new { space, key }, cancellationToken: cancellationToken));
            if (await IsCurrentAsync(connection, schema, indexes))
                return;

            // The builder failed or was stopped, and the lock is free once those who waited with us have let go too; or others run on a different set.
            await connection.ExecuteAsync("SELECT pg_advisory_unlock_shared(@space, @key)", new { space, key });
            await Task.Delay(RetryInterval, time, cancellationToken);
        }
    }

    private async Task<bool> IsCurrentAsync(NpgsqlConnection connection, string schema, bool indexes)
    {
        if (await connection.ExecuteScalarAsync<string?>("SELECT to_regclass(@table)::text", new { table = schema + ".data_set" }) is null)
            return false;

        await connection.ExecuteAsync($"SET search_path TO {schema}");
        return DataSetMark.Read(connection) is { } mark && DataSetMark.Of(specification, indexes).Matches(mark);
    }

    private async Task BuildAsync(NpgsqlConnection connection, string schema, bool indexes, CancellationToken cancellationToken)
    {
        var building = schema + "_building";
        var progress = output.Progress($"data set '{specification.Name}' in PostgreSQL{(indexes ? " with indexes" : "")}", time);
        progress.Start(DataSetGenerator.ExpectedRows(specification));
        try
        {
            await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {building} CASCADE; CREATE SCHEMA {building}; SET search_path TO {building}");
            await connection.ExecuteAsync(SqlScript.Schema(SqlDialect.Postgres));
            var rows = Copy(connection, progress, cancellationToken);

            foreach (var index in indexes ? SqlScript.Indexes() : [])
            {
                progress.Stage(index[..index.IndexOf(" ON", StringComparison.Ordinal)].ToLowerInvariant());
                await connection.ExecuteAsync(new CommandDefinition(index, cancellationToken: cancellationToken));
            }

            await ContinueNumberingAsync(connection);
            (DataSetMark.Of(specification, indexes) with { Rows = rows }).Write(connection);

            // What autovacuum would do some minutes later, in the middle of a measurement.
            progress.Stage("vacuuming");
            foreach (var table in await TablesAsync(connection, building))
                await connection.ExecuteAsync(new CommandDefinition($"VACUUM (ANALYZE) {table}", cancellationToken: cancellationToken));

            await connection.ExecuteAsync($"BEGIN; DROP SCHEMA IF EXISTS {schema} CASCADE; ALTER SCHEMA {building} RENAME TO {schema}; COMMIT; SET search_path TO {schema}");
            progress.Finish(rows);
        }
        catch
        {
            progress.Abandon();
            await DropQuietlyAsync(building);
            throw;
        }
    }

    private long Copy(NpgsqlConnection connection, BuildProgress progress, CancellationToken cancellationToken)
    {
        using var writer = new PostgresRowWriter(connection, progress, cancellationToken);
        DataSetGenerator.Generate(specification, writer);
        return writer.Rows;
    }

    /// <summary>Rows written by requests have ids above those of the set; chats they touched get the last message of the set back.</summary>
    private static async Task TakeBackWritesAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(new CommandDefinition(
            """
            BEGIN;
            DELETE FROM item_tags WHERE item_id > (SELECT last_id FROM seeded_ids WHERE table_name = 'items');
            DELETE FROM items WHERE id > (SELECT last_id FROM seeded_ids WHERE table_name = 'items');
            DELETE FROM health_points WHERE id > (SELECT last_id FROM seeded_ids WHERE table_name = 'health_points');
            DELETE FROM events WHERE id > (SELECT last_id FROM seeded_ids WHERE table_name = 'events');
            DELETE FROM messages WHERE id > (SELECT last_id FROM seeded_ids WHERE table_name = 'messages');
            UPDATE chats SET last_message_id = last.id, last_message_at = last.sent_at
            FROM (SELECT DISTINCT ON (chat_id) chat_id, id, sent_at FROM messages ORDER BY chat_id, id DESC) last
            WHERE last.chat_id = chats.id AND chats.last_message_id > (SELECT last_id FROM seeded_ids WHERE table_name = 'messages');
            COMMIT
            """,
            cancellationToken: cancellationToken));

        await ContinueNumberingAsync(connection);
        foreach (var table in await TablesAsync(connection, schema))
            await connection.ExecuteAsync(new CommandDefinition($"ANALYZE {table}", cancellationToken: cancellationToken));
    }

    /// <summary>Sets each table's next id to one after the last seeded, and remembers that last one.</summary>
    private static Task<int> ContinueNumberingAsync(NpgsqlConnection connection) => connection.ExecuteAsync(
        """
        CREATE TABLE IF NOT EXISTS seeded_ids (table_name TEXT PRIMARY KEY, last_id BIGINT NOT NULL);
        INSERT INTO seeded_ids (table_name, last_id)
        SELECT 'messages', max(id) FROM messages UNION ALL SELECT 'events', max(id) FROM events
        UNION ALL SELECT 'health_points', max(id) FROM health_points UNION ALL SELECT 'items', max(id) FROM items
        ON CONFLICT (table_name) DO NOTHING;
        SELECT setval(pg_get_serial_sequence(table_name, 'id'), last_id) FROM seeded_ids
        """);

    private static async Task<IEnumerable<string>> TablesAsync(NpgsqlConnection connection, string schema) =>
        await connection.QueryAsync<string>("SELECT tablename FROM pg_tables WHERE schemaname = @schema ORDER BY tablename", new { schema });

    /// <summary>After a failure, over a connection of its own: the other may be cancelled in the middle of a command.</summary>
    private async Task DropQuietlyAsync(string building)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
            await connection.OpenAsync(CancellationToken.None);
            await connection.ExecuteAsync($"SET lock_timeout = '2s'; DROP SCHEMA IF EXISTS {building} CASCADE");
        }
        catch (NpgsqlException)
        {
            // The server is gone, or still winds the cancelled command up: the next build drops it.
        }
    }

    private string Target()
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"PostgreSQL database '{builder.Database}' at {builder.Host}:{builder.Port}");
    }

    private static string Reason(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } postgres => postgres.MessageText + ". Create it with createdb.",
        PostgresException postgres => postgres.MessageText + ".",
        { InnerException: { } inner } => $"{exception.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}. Is it running, and is the address right?",
        _ => $"{exception.Message.TrimEnd('.')}. Is it running, and is the address right?",
    };

    /// <summary>FNV-1a of the schema's name: the same number in every process.</summary>
    private static int LockKey(string schema)
    {
        var hash = 2_166_136_261U;
        foreach (var letter in schema)
            hash = (hash ^ letter) * 16_777_619U;

        return (int)hash;
    }
}
