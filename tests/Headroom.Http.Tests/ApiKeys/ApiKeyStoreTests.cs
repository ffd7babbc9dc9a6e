using Headroom.Http.Tests.Background;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class MemoryApiKeyStoreTests : ApiKeyStoreSuite
{
    protected override Task<IApiKeyStore> StoreAsync() => Task.FromResult<IApiKeyStore>(new MemoryApiKeyStore());
}

public sealed class SqliteApiKeyStoreTests(SqliteWorkDatabase database) : ApiKeyStoreSuite, IClassFixture<SqliteWorkDatabase>
{
    protected override Task<IApiKeyStore> StoreAsync() => DatabaseStore.PreparedAsync(database, ApiKeyDatabase.Sqlite);
}

public sealed class PostgresApiKeyStoreTests(PostgresWorkDatabase database) : ApiKeyStoreSuite, IClassFixture<PostgresWorkDatabase>
{
    protected override Task<IApiKeyStore> StoreAsync() => DatabaseStore.PreparedAsync(database, ApiKeyDatabase.PostgreSql);
}

public sealed class DbApiKeyStoreTests(SqliteWorkDatabase database) : IClassFixture<SqliteWorkDatabase>
{
    [Theory]
    [InlineData("keys; DROP TABLE users")]
    [InlineData("1keys")]
    [InlineData("")]
    [InlineData("a.b.c")]
    public void Constructor_WithATableThatIsNoName_SaysWhatIs(string table)
    {
        var wrong = Assert.Throws<ArgumentException>(() => new DbApiKeyStore(database.Source, ApiKeyDatabase.Sqlite, table));
        Assert.StartsWith($"The table's name is '{table}'; write letters, digits and underscores", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_WithASchemaBeforeTheTable_MakesItThere()
    {
        var store = new DbApiKeyStore(database.Source, ApiKeyDatabase.Sqlite, "main.keys_of_a_schema");
        await store.PrepareAsync(TestContext.Current.CancellationToken);

        Assert.Empty(await store.ListAsync(null, null, 1, TestContext.Current.CancellationToken));
    }
}

/// <summary>A store in a table of its own.</summary>
internal static class DatabaseStore
{
    public static async Task<IApiKeyStore> PreparedAsync(WorkDatabase database, ApiKeyDatabase kind)
    {
        var store = new DbApiKeyStore(database.Source, kind, "keys_" + Guid.NewGuid().ToString("N")[..20]);
        await store.PrepareAsync(TestContext.Current.CancellationToken);
        return store;
    }
}
