using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// A connection that stays open, and with it the statements prepared on it: a command whose text was run before takes over the command of then
/// with its compiled statement, where the library would compile the text again.
/// </summary>
internal sealed class KeptSqliteConnection(SqliteConnection connection, int maximumStatements) : DbConnection
{
    private readonly Dictionary<string, LinkedListNode<SqliteCommand>> statements = new(StringComparer.Ordinal);

    // Least recently used first; commands in use are in neither collection.
    private readonly LinkedList<SqliteCommand> byUse = new();
    private long statementsReused;

    [AllowNull]
    public override string ConnectionString
    {
        get => connection.ConnectionString;
        set => throw new NotSupportedException("A kept connection is open already.");
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    public override void ChangeDatabase(string databaseName) => connection.ChangeDatabase(databaseName);

    public override void Open() => throw new NotSupportedException("A kept connection is open already.");

    public override void Close()
    {
        // The pool decides when the connection closes, see Dispose.
    }

    /// <summary>How many statements were run again since the last call.</summary>
    public long TakeStatementsReused() => Interlocked.Exchange(ref statementsReused, 0);

    /// <summary>A command with this text, with its statement if it was run before. It is the caller's until <see cref="GiveBack"/>.</summary>
    internal SqliteCommand Take(string text)
    {
        if (statements.Remove(text, out var node))
        {
            byUse.Remove(node);
            statementsReused++;
            return node.Value;
        }

        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    internal void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        command.Transaction = null;
        if (maximumStatements == 0 || !statements.TryAdd(command.CommandText, new LinkedListNode<SqliteCommand>(command)))
        {
            command.Dispose();
            return;
        }

        byUse.AddLast(statements[command.CommandText]);
        if (byUse.Count <= maximumStatements)
            return;

        var oldest = byUse.First!.Value;
        byUse.RemoveFirst();
        statements.Remove(oldest.CommandText);
        oldest.Dispose();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => connection.BeginTransaction(isolationLevel);

    protected override DbCommand CreateDbCommand() => new KeptSqliteCommand(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var command in byUse)
                command.Dispose();

            connection.Dispose();
        }

        base.Dispose(disposing);
    }
}
