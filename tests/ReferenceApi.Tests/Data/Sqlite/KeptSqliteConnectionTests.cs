using System.Data;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using ReferenceApi.Data.Sqlite;

namespace ReferenceApi.Tests.Data.Sqlite;

public sealed class KeptSqliteConnectionTests : IDisposable
{
    private readonly KeptSqliteConnection connection;

    static KeptSqliteConnectionTests() => SQLitePCL.Batteries_V2.Init();

    public KeptSqliteConnectionTests()
    {
        var inner = new SqliteConnection("Data Source=:memory:");
        inner.Open();
        connection = new KeptSqliteConnection(inner, maximumStatements: 3);
        connection.Execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY, name TEXT)");
        connection.Execute("INSERT INTO numbers VALUES (@id, @name)", Enumerable.Range(1, 20).Select(id => new { id, name = $"n{id}" }));
        connection.TakeStatementsReused();
    }

    public void Dispose() => connection.Dispose();

    [Fact]
    public async Task Query_OfTheSameText_ReusesTheStatementWithTheNewParameters()
    {
        foreach (var id in (long[])[3, 7, 7, 20])
            Assert.Equal($"n{id}", await connection.QuerySingleAsync<string>("SELECT name FROM numbers WHERE id = @id", new { id }));

        Assert.Equal(3, connection.TakeStatementsReused());
    }

    [Fact]
    public void Query_WithFewerParametersThanBefore_DoesNotSeeTheOldOnes()
    {
        Assert.Equal(1, connection.QuerySingle<long>("SELECT count(*) FROM numbers WHERE id = @id", new { id = 1 }));

        Assert.Throws<InvalidOperationException>(() => connection.QuerySingle<long>("SELECT count(*) FROM numbers WHERE id = @id"));
    }

    [Fact]
    public void Query_WithLists_ReusesTheExpandedStatement()
    {
        foreach (var ids in (long[][])[[1, 2, 3], [4, 5, 6], [7]])
            Assert.Equal(ids.Select(id => $"n{id}"), connection.Query<string>("SELECT name FROM numbers WHERE id IN @ids ORDER BY id", new { ids }));

        Assert.True(connection.TakeStatementsReused() > 0);
    }

    [Fact]
    public void Query_WhileAnotherReaderOfTheSameTextIsOpen_GetsItsOwnCommand()
    {
        const string sql = "SELECT id FROM numbers ORDER BY id";
        using var outer = connection.ExecuteReader(sql);
        Assert.True(outer.Read());
        Assert.Equal(20, connection.Query<long>(sql).Count());
        Assert.True(outer.Read());
        Assert.Equal(2, outer.GetInt64(0));
    }

    [Fact]
    public void Query_ThatFails_LeavesTheConnectionUsable()
    {
        Assert.Throws<SqliteException>(() => connection.Execute("INSERT INTO numbers VALUES (@id, 'twice')", new { id = 1 }));
        Assert.Throws<SqliteException>(() => connection.Query("SELECT nothing FROM nowhere"));

        connection.Execute("INSERT INTO numbers VALUES (@id, 'twice')", new { id = 99 });
        Assert.Equal(21, connection.QuerySingle<long>("SELECT count(*) FROM numbers"));
    }

    [Fact]
    public void Execute_InATransactionThatIsRolledBack_IsUndone()
    {
        using (var transaction = connection.BeginTransaction(IsolationLevel.Serializable))
            connection.Execute("DELETE FROM numbers WHERE id > @id", new { id = 5 }, transaction);

        Assert.Equal(20, connection.QuerySingle<long>("SELECT count(*) FROM numbers"));
        using (var transaction = connection.BeginTransaction(IsolationLevel.Serializable))
        {
            connection.Execute("DELETE FROM numbers WHERE id > @id", new { id = 5 }, transaction);
            transaction.Commit();
        }

        Assert.Equal(5, connection.QuerySingle<long>("SELECT count(*) FROM numbers"));
    }

    [Fact]
    public void Query_OfMoreTextsThanAreKept_ForgetsTheOneNotUsedForLongest()
    {
        string[] texts = [.. Enumerable.Range(1, 4).Select(id => string.Create(CultureInfo.InvariantCulture, $"SELECT name FROM numbers WHERE id = {id}"))];
        foreach (var text in (string[])[texts[0], texts[1], texts[2], texts[0], texts[3]])
            connection.QuerySingle<string>(text);

        Assert.Equal(1, connection.TakeStatementsReused());
        connection.QuerySingle<string>(texts[0]);
        connection.QuerySingle<string>(texts[2]);
        Assert.Equal(2, connection.TakeStatementsReused());
        connection.QuerySingle<string>(texts[1]);
        Assert.Equal(0, connection.TakeStatementsReused());
    }

    [Fact]
    public async Task Rent_FromAPoolWithAMaximum_WaitsForOneToComeBack()
    {
        using var pool = new SqliteConnectionPool(Open, maximum: 2, statementsPerConnection: 0);
        var first = await pool.RentAsync(TestContext.Current.CancellationToken);
        var second = await pool.RentAsync(TestContext.Current.CancellationToken);
        var third = pool.RentAsync(TestContext.Current.CancellationToken).AsTask();
        await Task.Delay(50);
        Assert.False(third.IsCompleted);

        await pool.Return(second);

        Assert.Same(second, await third);
        Assert.Equal(2, pool.Opened);
        await pool.Return(first);
        await pool.Return(second);
        Assert.Same(second, await pool.RentAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rent_ThatFailsToOpen_GivesItsPlaceBack()
    {
        var fail = true;
        using var pool = new SqliteConnectionPool(() => fail ? throw new IOException("gone") : Open(), maximum: 1, statementsPerConnection: 0);
        await Assert.ThrowsAsync<IOException>(() => pool.RentAsync(TestContext.Current.CancellationToken).AsTask());

        fail = false;

        await pool.Return(await pool.RentAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Return_AfterThePoolIsDisposed_ClosesTheConnection()
    {
        var pool = new SqliteConnectionPool(Open, maximum: 1, statementsPerConnection: 0);
        var kept = await pool.RentAsync(TestContext.Current.CancellationToken);

        pool.Dispose();
        Assert.Equal(ConnectionState.Open, kept.State);
        await pool.Return(kept);

        Assert.Equal(ConnectionState.Closed, kept.State);
    }

    private static SqliteConnection Open()
    {
        var opened = new SqliteConnection("Data Source=:memory:");
        opened.Open();
        return opened;
    }
}
