using Dapper;
using Microsoft.Data.Sqlite;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Data.Sql;
using ReferenceApi.Hosting;

namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// Data sets as SQLite files in one folder. A set is built once into <c>NAME.db</c> and, with the secondary indexes, copied from there into
/// <c>NAME-indexed.db</c>; neither is written afterwards. Every start works on a copy of its own, so it begins with the same rows however
/// much the run before wrote, and two APIs can run side by side.
/// </summary>
/// <remarks>
/// Building goes: 1. take the folder's lock, so that two processes do not build the same set twice; 2. look at the mark in the file that is there;
/// 3. if it is missing, unreadable or of another set, build into <c>NAME.db.building</c>; 4. flush it and rename it over the old one.
/// Whatever interrupts step 3 leaves nothing but a file that the next build deletes.
/// </remarks>
internal sealed class SqliteDataSetStore(string folder, DataSetSpecification specification, BuildOutput output, TimeProvider time)
{
    private const string BuildingSuffix = ".building";

    private string BasePath => Path.Combine(folder, specification.Name + ".db");

    private string IndexedPath => Path.Combine(folder, specification.Name + "-indexed.db");

    /// <summary>Builds what is missing and returns a working copy of the set.</summary>
    public async Task<SqliteWorkingCopy> OpenAsync(bool indexes, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using var folderLock = await FileLock.AcquireAsync(
                Path.Combine(folder, "folder.lock"),
                () => output.Say($"Another process is preparing a data set in '{folder}': waiting for it."),
                time,
                cancellationToken);

            if (!IsCurrent(BasePath, indexes: false))
                BuildBase(cancellationToken);

            if (indexes && !IsCurrent(IndexedPath, indexes: true))
                BuildIndexed(cancellationToken);

            return SqliteWorkingCopy.Create(folder, indexes ? IndexedPath : BasePath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartupException(
                $"The data set '{specification.Name}' could not be prepared in '{folder}': {Reason(exception)} "
                + "Free some space or name another folder with --data DIR.",
                exception);
        }
    }

    private bool IsCurrent(string path, bool indexes)
    {
        if (!File.Exists(path))
            return false;

        try
        {
            using var connection = Open(path, SqliteOpenMode.ReadOnly);
            return DataSetMark.Read(connection) is { } mark && DataSetMark.Of(specification, indexes).Matches(mark);
        }
        catch (SqliteException)
        {
            // Not a database, or one without the mark: an earlier version's, or damaged. Building it again mends both.
            return false;
        }
    }

    private void BuildBase(CancellationToken cancellationToken)
    {
        var progress = output.Progress($"data set '{specification.Name}'", time);
        progress.Start(DataSetGenerator.ExpectedRows(specification));
        BuildInto(BasePath, progress, building =>
        {
            using var connection = Open(building, SqliteOpenMode.ReadWriteCreate);
            connection.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -65536");
            connection.Execute(SqlScript.Schema(SqlDialect.Sqlite));

            using var transaction = connection.BeginTransaction();
            using var writer = new SqliteRowWriter(connection, transaction, progress, cancellationToken);
            DataSetGenerator.Generate(specification, writer);
            transaction.Commit();

            (DataSetMark.Of(specification, indexes: false) with { Rows = writer.Rows }).Write(connection);
            return writer.Rows;
        });
    }

    private void BuildIndexed(CancellationToken cancellationToken)
    {
        var progress = output.Progress($"data set '{specification.Name}' with indexes", time);
        BuildInto(IndexedPath, progress, building =>
        {
            progress.Stage("copying");
            File.Copy(BasePath, building);
            using var connection = Open(building, SqliteOpenMode.ReadWrite);
            connection.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY");
            foreach (var index in SqlScript.Indexes())
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Stage(index[..index.IndexOf(" ON", StringComparison.Ordinal)].ToLowerInvariant());
                connection.Execute(index);
            }

            // Without statistics SQLite guesses, and with several indexes to choose from it guesses wrong at times.
            connection.Execute("ANALYZE main");
            var rows = DataSetMark.Read(connection)!.Rows;
            (DataSetMark.Of(specification, indexes: true) with { Rows = rows }).Write(connection);
            return rows;
        });
    }

    private static void BuildInto(string path, BuildProgress progress, Func<string, long> build)
    {
        var building = path + BuildingSuffix;
        File.Delete(building);
        try
        {
            var rows = build(building);
            using (var file = new FileStream(building, FileMode.Open, FileAccess.ReadWrite))
                file.Flush(flushToDisk: true);

            File.Move(building, path, overwrite: true);
            progress.Finish(rows);
        }
        catch
        {
            progress.Abandon();
            File.Delete(building);
            throw;
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static string Reason(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 13 } => "the disk is full.",
        SqliteException { SqliteErrorCode: 10 } => "the disk could not be written (full, or gone).",
        _ => exception.Message.TrimEnd('.') + ".",
    };
}
