using Dapper;
using Microsoft.Data.Sqlite;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Data.Sqlite;
using ReferenceApi.Hosting;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Data.Sqlite;

public sealed class SqliteDataSetStoreTests : IDisposable
{
    private static readonly DataSetSpecification Tiny = TinyDataSet.Specification;

    private readonly DataFolder folder = new();
    private readonly StringWriter output = new();

    static SqliteDataSetStoreTests() => SQLitePCL.Batteries_V2.Init();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Open_Twice_BuildsOnceAndGivesEachACopyOfItsOwn()
    {
        using var first = await OpenAsync(Tiny, indexes: false);
        using var second = await OpenAsync(Tiny, indexes: false);

        Assert.Equal(1, Built());
        Assert.NotEqual(first.DatabasePath, second.DatabasePath);
        Execute(first.DatabasePath, "DELETE FROM messages");
        Assert.Equal(0, Count(first.DatabasePath, "messages"));
        Assert.Equal(100, Count(second.DatabasePath, "messages"));
        Assert.Equal(100, Count(folder["tiny.db"], "messages"));
    }

    [Fact]
    public async Task Open_WithIndexes_HasTheSameRowsAndTheIndexes()
    {
        using var plain = await OpenAsync(Tiny, indexes: false);
        using var indexed = await OpenAsync(Tiny, indexes: true);

        Assert.Equal(Count(plain.DatabasePath, "users"), Count(indexed.DatabasePath, "users"));
        Assert.Equal(0, Count(plain.DatabasePath, "sqlite_master WHERE type = 'index' AND sql IS NOT NULL"));
        Assert.Equal(20, Count(indexed.DatabasePath, "sqlite_master WHERE type = 'index' AND sql IS NOT NULL"));
    }

    [Theory]
    [InlineData("UPDATE data_set SET version = version + 1")]
    [InlineData("UPDATE data_set SET seed = '2'")]
    [InlineData("UPDATE data_set SET name = 'other'")]
    [InlineData("DELETE FROM data_set")]
    [InlineData("DROP TABLE data_set")]
    public async Task Open_OfAFileThatIsNotTheSetAskedFor_BuildsItAgain(string change)
    {
        (await OpenAsync(Tiny, indexes: true)).Dispose();
        Execute(folder["tiny.db"], change + "; DELETE FROM messages");
        Execute(folder["tiny-indexed.db"], change + "; DELETE FROM messages");

        using var copy = await OpenAsync(Tiny, indexes: true);

        Assert.Equal(4, Built());
        Assert.Equal(100, Count(copy.DatabasePath, "messages"));
    }

    [Fact]
    public async Task Open_WithAnotherSeed_BuildsItAgain()
    {
        (await OpenAsync(Tiny, indexes: false)).Dispose();

        using var copy = await OpenAsync(Tiny with { Seed = 2 }, indexes: false);

        Assert.Equal(2, Built());
    }

    [Fact]
    public async Task Open_OfADamagedFile_BuildsItAgain()
    {
        await File.WriteAllTextAsync(folder["tiny.db"], new string('x', 10_000));

        using var copy = await OpenAsync(Tiny, indexes: false);

        Assert.Equal(2_000, Count(copy.DatabasePath, "users"));
    }

    [Fact]
    public async Task Open_AfterABuildThatWasKilled_ClearsItsRemains()
    {
        await File.WriteAllTextAsync(folder["tiny.db.building"], "half");

        using var copy = await OpenAsync(Tiny, indexes: false);

        Assert.False(File.Exists(folder["tiny.db.building"]));
        Assert.Equal(2_000, Count(copy.DatabasePath, "users"));
    }

    [Fact]
    public async Task Open_CancelledInTheMiddle_LeavesNothingAndTheOldSetInPlace()
    {
        (await OpenAsync(Tiny, indexes: false)).Dispose();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        // Another seed, so that it has to be built; the first thousand rows notice.
        await Assert.ThrowsAsync<OperationCanceledException>(() => Store(Tiny with { Seed = 2 }).OpenAsync(indexes: false, cancelled.Token));

        Assert.Equal(["folder.lock", "tiny.db"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var copy = await OpenAsync(Tiny, indexes: false);
        Assert.Equal(1, Built());
    }

    [Fact]
    public async Task Open_WhileAnotherPrepares_WaitsAndSaysSo()
    {
        Task<SqliteWorkingCopy> waiting;
        using (FileLock.TryAcquire(folder["folder.lock"]))
        {
            waiting = OpenAsync(Tiny, indexes: false);
            await Task.Delay(200);
            Assert.False(waiting.IsCompleted);
        }

        using var copy = await waiting;
        Assert.Contains("Another process is preparing a data set in", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OfManyAtOnce_BuildsOnce()
    {
        var copies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => OpenAsync(Tiny, indexes: true))));

        Assert.Equal(2, Built());
        Assert.Equal(8, copies.Select(copy => copy.DatabasePath).Distinct(StringComparer.Ordinal).Count());
        foreach (var copy in copies)
            copy.Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["running"]));
    }

    [Fact]
    public async Task Open_AfterAProcessWasKilled_DeletesItsCopyButNotThatOfOneThatRuns()
    {
        using var running = await OpenAsync(Tiny, indexes: false);
        Directory.CreateDirectory(folder["running/dead"]);
        await File.WriteAllTextAsync(folder["running/dead/tiny.db"], "");
        await File.WriteAllTextAsync(folder["running/dead.lock"], "");

        using var next = await OpenAsync(Tiny, indexes: false);

        Assert.False(Directory.Exists(folder["running/dead"]));
        Assert.True(File.Exists(running.DatabasePath));
        Assert.Equal(2, Directory.EnumerateDirectories(folder["running"]).Count());
    }

    [Fact]
    public async Task Open_InAFolderThatCannotBeMade_SaysWhereAndWhy()
    {
        await File.WriteAllTextAsync(folder["file"], "");
        var store = new SqliteDataSetStore(folder["file"], Tiny, new BuildOutput(output, IsTerminal: false), TimeProvider.System);

        var exception = await Assert.ThrowsAsync<StartupException>(() => store.OpenAsync(indexes: false, TestContext.Current.CancellationToken));

        Assert.Contains(folder["file"], exception.Message, StringComparison.Ordinal);
    }

    private Task<SqliteWorkingCopy> OpenAsync(DataSetSpecification specification, bool indexes) =>
        Store(specification).OpenAsync(indexes, TestContext.Current.CancellationToken);

    private SqliteDataSetStore Store(DataSetSpecification specification) =>
        new(folder.Path, specification, new BuildOutput(TextWriter.Synchronized(output), IsTerminal: false), TimeProvider.System);

    private int Built() => output.ToString().Split("Built data set").Length - 1;

    private static long Count(string path, string table)
    {
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        return connection.ExecuteScalar<long>($"SELECT count(*) FROM {table}");
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Execute(sql);
    }
}
