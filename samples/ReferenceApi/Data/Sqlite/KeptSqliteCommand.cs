using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// A command of a <see cref="KeptSqliteConnection"/>: stands in for the connection's own command of the same text from the moment the text is set
/// until it is disposed.
/// </summary>
internal sealed class KeptSqliteCommand(KeptSqliteConnection connection) : DbCommand
{
    private SqliteCommand? command;

    [AllowNull]
    public override string CommandText
    {
        get => command?.CommandText ?? "";
        set => SetText(value ?? "");
    }

    public override int CommandTimeout
    {
        get => Command.CommandTimeout;
        set => Command.CommandTimeout = value;
    }

    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
                throw new NotSupportedException("SQLite has no stored procedures.");
        }
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set
        {
            if (!ReferenceEquals(value, connection))
                throw new NotSupportedException("A command stays with the connection that made it.");
        }
    }

    protected override DbParameterCollection DbParameterCollection => Command.Parameters;

    protected override DbTransaction? DbTransaction
    {
        get => Command.Transaction;
        set => Command.Transaction = (SqliteTransaction?)value;
    }

    private SqliteCommand Command => command ??= connection.Take("");

    public override void Cancel() => Command.Cancel();

    public override int ExecuteNonQuery() => Command.ExecuteNonQuery();

    public override object? ExecuteScalar() => Command.ExecuteScalar();

    public override void Prepare() => Command.Prepare();

    protected override DbParameter CreateDbParameter() => new SqliteParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Command.ExecuteReader(behavior);

    protected override void Dispose(bool disposing)
    {
        if (disposing && command is not null)
        {
            connection.GiveBack(command);
            command = null;
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Dapper sets the text first, and once more with the parameters in place when it has expanded a list: what was set so far moves along.
    /// </summary>
    private void SetText(string text)
    {
        if (command is not null && command.CommandText == text)
            return;

        var next = connection.Take(text);
        if (command is not null)
        {
            next.Transaction = command.Transaction;
            var parameters = command.Parameters.Cast<SqliteParameter>().ToArray();
            command.Parameters.Clear();
            next.Parameters.AddRange(parameters);
            connection.GiveBack(command);
        }

        command = next;
    }
}
