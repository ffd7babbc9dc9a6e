using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Headroom.Http.Tests.Background;

/// <summary>What every store of durable work keeps to.</summary>
public abstract class DurableWorkStoreSuite(WorkDatabase database)
{
    const string Queue = "work";
    static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_OfItems_GivesThoseLongestDueFirstAndEachOnce()
    {
        var store = await database.StoreAsync();
        foreach (var id in (string[])["a", "b", "c"])
        {
            Assert.True(await store.AddAsync(Queue, id, Encoding.UTF8.GetBytes($"\"{id} ü\0\""), null, Cancellation));
            await Task.Delay(5, Cancellation);
        }

        var first = await store.LeaseAsync(Queue, 2, Long, Cancellation);
        var second = await store.LeaseAsync(Queue, 2, Long, Cancellation);

        Assert.Equal(["a", "b"], first.Select(work => work.Id).Order(StringComparer.Ordinal));
        Assert.Equal(["c"], second.Select(work => work.Id));
        Assert.Equal("\"c ü\0\"", Encoding.UTF8.GetString(second[0].Payload.Span));
        Assert.Equal(1, second[0].Attempt);
        Assert.Empty(await store.LeaseAsync("another", 2, Long, Cancellation));
        Assert.Equal(new DurableWorkCounts(3, 0), await store.CountAsync(Queue, Cancellation));
    }

    [Fact]
    public async Task Add_OfAnIdThatIsThere_AddsNothing()
    {
        var store = await database.StoreAsync();

        Assert.True(await store.AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation));
        Assert.False(await store.AddAsync(Queue, "a", "2"u8.ToArray(), null, Cancellation));
        Assert.True(await store.AddAsync("another", "a", "3"u8.ToArray(), null, Cancellation));
        Assert.Equal("1"u8.ToArray(), (await store.LeaseAsync(Queue, 5, Long, Cancellation)).Single().Payload.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Add_InATransaction_IsThereIfItCommits(bool commits)
    {
        var store = await database.StoreAsync();
        await using (var connection = await database.Source.OpenConnectionAsync(Cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            Assert.True(await store.AddAsync(Queue, "a", "1"u8.ToArray(), transaction, Cancellation));
            if (commits)
                await transaction.CommitAsync(Cancellation);
            else
                await transaction.RollbackAsync(Cancellation);
            await Assert.ThrowsAsync<ArgumentException>(async () => await store.AddAsync(Queue, "b", "1"u8.ToArray(), transaction, Cancellation));
        }

        Assert.Equal(commits ? 1 : 0, (await store.LeaseAsync(Queue, 5, Long, Cancellation)).Count);
    }

    [Fact]
    public async Task Lease_ThatIsOver_IsAnothersAndItsHolderIsToldSo()
    {
        var store = await database.StoreAsync();
        await store.AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation);
        var late = (await store.LeaseAsync(Queue, 1, TimeSpan.FromMilliseconds(50), Cancellation)).Single();
        await Task.Delay(100, Cancellation);
        var next = (await store.LeaseAsync(Queue, 1, Long, Cancellation)).Single();

        Assert.Equal(2, next.Attempt);
        Assert.False(await store.CompleteAsync(Queue, late, Cancellation));
        Assert.False(await store.RenewAsync(Queue, late, Long, Cancellation));
        Assert.False(await store.RetryAsync(Queue, late, TimeSpan.Zero, "x", Cancellation));
        Assert.False(await store.ReleaseAsync(Queue, late, Cancellation));
        Assert.False(await store.ParkAsync(Queue, late, "x", Cancellation));
        Assert.True(await store.CompleteAsync(Queue, next, Cancellation));
        Assert.False(await store.CompleteAsync(Queue, next, Cancellation));
        Assert.Equal(new DurableWorkCounts(0, 0), await store.CountAsync(Queue, Cancellation));
    }

    [Fact]
    public async Task Lease_ThatIsRenewed_StaysItsHolders()
    {
        var store = await database.StoreAsync();
        await store.AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation);
        var work = (await store.LeaseAsync(Queue, 1, TimeSpan.FromMilliseconds(300), Cancellation)).Single();
        Assert.True(await store.RenewAsync(Queue, work, Long, Cancellation));
        await Task.Delay(400, Cancellation);

        Assert.Empty(await store.LeaseAsync(Queue, 1, Long, Cancellation));
        Assert.True(await store.CompleteAsync(Queue, work, Cancellation));
    }

    [Fact]
    public async Task Retry_AndRelease_MakeItDueAgainWithAndWithoutTheAttempt()
    {
        var store = await database.StoreAsync();
        await store.AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation);
        var first = (await store.LeaseAsync(Queue, 1, Long, Cancellation)).Single();
        var retried = Stopwatch.StartNew();
        Assert.True(await store.RetryAsync(Queue, first, TimeSpan.FromMilliseconds(300), "once", Cancellation));
        IReadOnlyList<DurableWork> due = [];
        while (due.Count == 0 && retried.Elapsed < TimeSpan.FromSeconds(30))
            due = await store.LeaseAsync(Queue, 1, Long, Cancellation);

        // By two clocks, one of them in milliseconds.
        Assert.True(retried.Elapsed > TimeSpan.FromMilliseconds(280), $"It was due after {retried.Elapsed}.");
        var second = due.Single();
        Assert.True(await store.ReleaseAsync(Queue, second, Cancellation));
        var third = (await store.LeaseAsync(Queue, 1, Long, Cancellation)).Single();

        Assert.Equal((1, 2, 2), (first.Attempt, second.Attempt, third.Attempt));
    }

    [Fact]
    public async Task Park_SetsAsideWithTheErrorAndUnparkGivesAllAttemptsAgain()
    {
        var store = await database.StoreAsync();
        await store.AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation);
        await store.AddAsync(Queue, "b", "2"u8.ToArray(), null, Cancellation);
        var leased = await store.LeaseAsync(Queue, 2, Long, Cancellation);
        Assert.True(await store.ParkAsync(Queue, leased.Single(work => work.Id == "a"), "broken\0" + new string('x', 1_992) + string.Concat(Enumerable.Repeat("\U0001F600", 10)), Cancellation));
        Assert.True(await store.ParkAsync(Queue, leased.Single(work => work.Id == "b"), null, Cancellation));

        var parked = (await store.ParkedAsync(Queue, 10, Cancellation)).OrderBy(each => each.Id, StringComparer.Ordinal).ToList();
        Assert.Equal([("a", 1), ("b", 0)], parked.Select(each => (each.Id, each.Attempts)));
        Assert.StartsWith("broken x", parked[0].Error, StringComparison.Ordinal);
        // Cut in the middle of a character, half of which a database cannot keep.
        Assert.Equal((2_000, '\uFFFD'), (parked[0].Error!.Length, parked[0].Error![^1]));
        Assert.Null(parked[1].Error);
        Assert.Equal(new DurableWorkCounts(0, 2), await store.CountAsync(Queue, Cancellation));
        Assert.Empty(await store.LeaseAsync(Queue, 10, Long, Cancellation));

        Assert.True(await store.UnparkAsync(Queue, "a", Cancellation));
        Assert.False(await store.UnparkAsync(Queue, "a", Cancellation));
        Assert.Equal(("a", 1), (await store.LeaseAsync(Queue, 10, Long, Cancellation)).Select(work => (work.Id, work.Attempt)).Single());
    }

    [Fact]
    public async Task Lease_ByManyAtOnce_GivesEachItemToOne()
    {
        const int Items = 200;
        var store = await database.StoreAsync();
        for (var number = 0; number < Items; number++)
            await store.AddAsync(Queue, $"{number}", "1"u8.ToArray(), null, Cancellation);
        var taken = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (await store.LeaseAsync(Queue, 5, Long, Cancellation) is { Count: > 0 } leased)
            {
                Assert.InRange(leased.Count, 1, 5);
                foreach (var work in leased)
                {
                    taken.Add(work.Id);
                    Assert.True(await store.CompleteAsync(Queue, work, Cancellation));
                }
            }
        })));

        Assert.Equal(Items, taken.Count);
        Assert.Equal(Items, taken.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Prepare_ByManyAtOnce_MakesTheTableOnce()
    {
        var table = WorkDatabase.NewTable();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await new DbDurableWorkStore(database.Source, database.Kind, table).PrepareAsync(Cancellation))));

        Assert.True(await new DbDurableWorkStore(database.Source, database.Kind, table).AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation));
    }

    [Fact]
    public async Task Prepare_WithASchemaBeforeTheTable_MakesItThere()
    {
        var schema = database.Kind == DurableWorkDatabase.PostgreSql ? "public" : "main";
        var store = new DbDurableWorkStore(database.Source, database.Kind, $"{schema}.{WorkDatabase.NewTable()}");
        await store.PrepareAsync(Cancellation);
        await store.PrepareAsync(Cancellation);

        Assert.True(await store.AddAsync(Queue, "a", "1"u8.ToArray(), null, Cancellation));
        Assert.True(await store.CompleteAsync(Queue, Assert.Single(await store.LeaseAsync(Queue, 1, Long, Cancellation)), Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1a")]
    [InlineData("a; DROP TABLE b")]
    [InlineData("a.b.c")]
    [InlineData("a\n")]
    public void Store_WithAnotherKindOfTableName_IsRefused(string table) =>
        Assert.Throws<ArgumentException>(() => new DbDurableWorkStore(database.Source, database.Kind, table));
}

public sealed class SqliteDurableWorkStoreTests(SqliteWorkDatabase database) : DurableWorkStoreSuite(database), IClassFixture<SqliteWorkDatabase>;

public sealed class PostgresDurableWorkStoreTests(PostgresWorkDatabase database) : DurableWorkStoreSuite(database), IClassFixture<PostgresWorkDatabase>
{
    readonly PostgresWorkDatabase database = database;

    /// <summary>As most are in production; from PostgreSQL 15 on nobody but the owner may make tables in <c>public</c>.</summary>
    [Fact]
    public async Task Prepare_ByARoleThatMayNotMakeTables_IsContentWithOneThatWasMadeForIt()
    {
        var role = "worker_" + Guid.NewGuid().ToString("N");
        await RunAsync($"REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE {role}; GRANT USAGE ON SCHEMA public TO {role}");
        try
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = $"-c role={role}" });
            var store = new DbDurableWorkStore(source, DurableWorkDatabase.PostgreSql, WorkDatabase.NewTable());
            var refused = await Assert.ThrowsAsync<PostgresException>(async () => await store.PrepareAsync(Cancellation));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

            foreach (var statement in store.CreateStatements)
                await RunAsync(statement);
            await RunAsync($"GRANT SELECT, INSERT, UPDATE, DELETE ON {store.Table} TO {role}");
            await store.PrepareAsync(Cancellation);

            Assert.True(await store.AddAsync("orders", "a", "1"u8.ToArray(), null, Cancellation));
            var work = Assert.Single(await store.LeaseAsync("orders", 1, TimeSpan.FromMinutes(1), Cancellation));
            Assert.True(await store.CompleteAsync("orders", work, Cancellation));
        }
        finally
        {
            await RunAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    async Task RunAsync(string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
