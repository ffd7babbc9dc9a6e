using Dapper;
using Npgsql;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Data.Postgres;
using ReferenceApi.Hosting;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Data.Postgres;

public sealed class PostgresDataSetStoreTests : IAsyncLifetime
{
    private static readonly DataSetSpecification Tiny = TinyDataSet.Specification;

    private readonly StringWriter output = new();
    private PostgresTestDatabase database = null!;

    public async ValueTask InitializeAsync() => database = await PostgresTestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Open_AfterARunThatWrote_TakesBackItsWrites()
    {
        await using (await OpenAsync(Tiny))
        {
            await ExecuteAsync(
                """
                INSERT INTO reference_tiny.messages (chat_id, direction, sender, kind, body, sent_at) VALUES (3, 'outbound', 's', 'text', 'new', 9999999999999);
                UPDATE reference_tiny.chats SET last_message_id = 101, last_message_at = 9999999999999 WHERE id = 3;
                INSERT INTO reference_tiny.events (type, actor, detail, occurred_at) VALUES ('t', 'a', 'd', 1);
                INSERT INTO reference_tiny.health_points (metric, source, recorded_at, value) VALUES ('m', 's', 1, 1);
                INSERT INTO reference_tiny.items (title, description, category, status, priority, assignee, search_text, created_at, updated_at)
                VALUES ('t', 'd', 'c', 's', 'p', 'a', 's', 1, 1);
                INSERT INTO reference_tiny.item_tags (item_id, tag) VALUES (21, 'new')
                """);
        }

        var before = await DigestAsync();
        await using var again = await OpenAsync(Tiny);
        var after = await DigestAsync();

        Assert.NotEqual(before, after);
        await ExecuteAsync("DROP SCHEMA reference_tiny CASCADE");
        await again.DisposeAsync();
        await using var fresh = await OpenAsync(Tiny);
        Assert.Equal(await DigestAsync(), after);
        Assert.Equal(101, await ScalarAsync("INSERT INTO reference_tiny.messages (chat_id, direction, sender, kind, body, sent_at) VALUES (3, '', '', '', '', 1) RETURNING id"));
    }

    [Fact]
    public async Task Open_WhileAnotherRuns_LeavesItsWritesAlone()
    {
        await using var first = await OpenAsync(Tiny);
        await ExecuteAsync("INSERT INTO reference_tiny.events (type, actor, detail, occurred_at) VALUES ('t', 'a', 'd', 1)");

        await using var second = await OpenAsync(Tiny);

        Assert.Equal(101, await ScalarAsync("SELECT count(*) FROM reference_tiny.events"));
        Assert.Equal(1, Built());
    }

    [Fact]
    public async Task Open_WithAnotherSeedWhileTheSchemaIsUsed_SaysWhoIsInTheWay()
    {
        await using var first = await OpenAsync(Tiny);

        var exception = await Assert.ThrowsAsync<StartupException>(() => OpenAsync(Tiny with { Seed = 2 }));

        Assert.Contains("The schema 'reference_tiny' in PostgreSQL database", exception.Message, StringComparison.Ordinal);
        Assert.Contains("is in use by another Reference API", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE reference_tiny.data_set SET version = version + 1")]
    [InlineData("UPDATE reference_tiny.data_set SET seed = '2'")]
    [InlineData("DELETE FROM reference_tiny.data_set")]
    [InlineData("DROP TABLE reference_tiny.data_set")]
    public async Task Open_OfASchemaThatIsNotTheSetAskedFor_BuildsItAgain(string change)
    {
        await (await OpenAsync(Tiny)).DisposeAsync();
        await ExecuteAsync(change + "; DELETE FROM reference_tiny.signals");

        await using var again = await OpenAsync(Tiny);

        Assert.Equal(2, Built());
        Assert.Equal(120, await ScalarAsync("SELECT count(*) FROM reference_tiny.signals"));
    }

    [Fact]
    public async Task Open_CancelledInTheMiddle_LeavesNoSchema()
    {
        using var cancelled = new CancellationTokenSource();
        var progress = new CancellingWriter(cancelled);
        var store = new PostgresDataSetStore(database.ConnectionString, Tiny, new BuildOutput(progress, IsTerminal: false), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.OpenAsync(indexes: false, cancelled.Token));

        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'reference%'"));
        await using var next = await OpenAsync(Tiny);
    }

    [Fact]
    public async Task Open_AfterABuildThatWasKilled_ClearsItsRemains()
    {
        await ExecuteAsync("CREATE SCHEMA reference_tiny_building; CREATE TABLE reference_tiny_building.users (id BIGINT)");

        await using var opened = await OpenAsync(Tiny);

        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM pg_namespace WHERE nspname = 'reference_tiny_building'"));
        Assert.Equal(2_000, await ScalarAsync("SELECT count(*) FROM reference_tiny.users"));
    }

    [Fact]
    public async Task Open_OfManyAtOnce_BuildsOnce()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => OpenAsync(Tiny))));

        Assert.Equal(1, Built());
        foreach (var one in opened)
            await one.DisposeAsync();
    }

    [Fact]
    public async Task Open_OfADatabaseThatDoesNotExist_SaysHowToMakeIt()
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "no_such_database" };
        var store = new PostgresDataSetStore(settings.ToString(), Tiny, new BuildOutput(output, IsTerminal: false), TimeProvider.System);

        var exception = await Assert.ThrowsAsync<StartupException>(() => store.OpenAsync(indexes: false, TestContext.Current.CancellationToken));

        Assert.Contains("database \"no_such_database\" does not exist. Create it with createdb.", exception.Message, StringComparison.Ordinal);
    }

    private Task<PostgresDataSet> OpenAsync(DataSetSpecification specification) =>
        new PostgresDataSetStore(database.ConnectionString, specification, new BuildOutput(TextWriter.Synchronized(output), IsTerminal: false), TimeProvider.System)
            .OpenAsync(indexes: false, TestContext.Current.CancellationToken);

    private int Built() => output.ToString().Split("Built data set").Length - 1;

    private async Task<string> DigestAsync()
    {
        await using var connection = await database.OpenAsync();
        var digests = new List<string>();
        foreach (var table in (string[])["users", "chats", "messages", "events", "items", "item_tags", "health_points", "signals", "runs", "reports"])
            digests.Add((await connection.ExecuteScalarAsync<string>($"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM reference_tiny.{table} t"))!);

        return string.Join(' ', digests);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(sql);
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    /// <summary>Cancels as soon as the build says that it has begun.</summary>
    private sealed class CancellingWriter(CancellationTokenSource source) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            source.Cancel();
        }
    }
}
