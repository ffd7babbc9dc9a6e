using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

/// <summary>
/// What every endpoint must do, whatever database is behind it and whichever features are on. One server serves all tests of a class, which
/// run one after the other; tests that write do so in places that the others do not count.
/// </summary>
public abstract partial class EndpointSuite
{
    private readonly RunningApi running;

    protected EndpointSuite(RunningApi running)
    {
        running.SkipIfMissing();
        this.running = running;
    }

    private ApiServer Api => running.Server!;
}

/// <summary>The server of a class of tests.</summary>
public abstract class RunningApi : IAsyncLifetime
{
    internal ApiServer? Server { get; private protected set; }

    public abstract ValueTask InitializeAsync();

    /// <summary>Skips the test when the machine lacks what the server needs.</summary>
    public virtual void SkipIfMissing()
    {
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Server is not null)
            await Server.DisposeAsync();
    }
}

public abstract class SqliteApi(string mode) : RunningApi
{
    public override async ValueTask InitializeAsync() => Server = await ApiServer.StartAsync(mode);
}

public abstract class PostgresApi(string mode) : RunningApi
{
    private PostgresTestDatabase? database;

    public override async ValueTask InitializeAsync()
    {
        // A fixture cannot skip; the tests do.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HEADROOM_TEST_POSTGRES")))
            return;

        database = await PostgresTestDatabase.CreateAsync();
        Server = await ApiServer.StartAsync(mode, database.BoundedArgument(12));
    }

    public override void SkipIfMissing() => Require.Postgres();

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }
}

public sealed class SqlitePlainApi() : SqliteApi("--plain");

public sealed class SqliteTunedApi() : SqliteApi("--tuned");

public sealed class SqliteFrameworkApi() : SqliteApi("--framework");

public sealed class PostgresPlainApi() : PostgresApi("--plain");

public sealed class PostgresTunedApi() : PostgresApi("--tuned");

public sealed class SqlitePlainEndpointTests(SqlitePlainApi running) : EndpointSuite(running), IClassFixture<SqlitePlainApi>;

public sealed class SqliteFrameworkEndpointTests(SqliteFrameworkApi running) : EndpointSuite(running), IClassFixture<SqliteFrameworkApi>;

public sealed class SqliteTunedEndpointTests(SqliteTunedApi running) : EndpointSuite(running), IClassFixture<SqliteTunedApi>;

public sealed class PostgresPlainEndpointTests(PostgresPlainApi running) : EndpointSuite(running), IClassFixture<PostgresPlainApi>;

public sealed class PostgresTunedEndpointTests(PostgresTunedApi running) : EndpointSuite(running), IClassFixture<PostgresTunedApi>;
