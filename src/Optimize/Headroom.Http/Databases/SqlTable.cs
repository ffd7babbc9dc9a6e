using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Headroom.Http.Databases;

/// <summary>One table of a feature in a database of the application's, by any ADO.NET driver for SQLite or PostgreSQL. Statements have the table's name in them; every value is a parameter.</summary>
[SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The only text put into a statement is the table's name, which is held to letters, digits and underscores.")]
internal sealed partial class SqlTable
{
    // insufficient_privilege (PostgreSQL, appendix A).
    const string MayNot = "42501";

    readonly DbDataSource source;

    /// <param name="source">The database.</param>
    /// <param name="isPostgres">Else it is SQLite.</param>
    /// <param name="table">The name, with a schema in front where there is one.</param>
    /// <param name="examples">Two names, for the message.</param>
    /// <exception cref="ArgumentException">The name is no such name.</exception>
    public SqlTable(DbDataSource source, bool isPostgres, string table, string examples)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(table);
        if (!NamePattern().IsMatch(table))
            throw new ArgumentException($"The table's name is '{table}'; write letters, digits and underscores, not a digit first, 48 at most, with a schema in front where there is one: {examples}.", nameof(table));
        this.source = source;
        IsPostgres = isPostgres;
        Name = table;
    }

    public string Name { get; }

    public bool IsPostgres { get; }

    /// <summary>The type of a text that is ordered by its bytes, in both databases.</summary>
    public string OrderedText => IsPostgres ? "TEXT COLLATE \"C\"" : "TEXT";

    /// <summary>The type of bytes.</summary>
    public string Bytes => IsPostgres ? "BYTEA" : "BLOB";

    public static DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>What makes an index where it is missing. A schema stands before the table in PostgreSQL, before the index in SQLite.</summary>
    public string IndexStatement(string suffix, string columns)
    {
        var name = Name[(Name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return IsPostgres ? $"CREATE INDEX IF NOT EXISTS {name}{suffix} ON {Name} ({columns})" : $"CREATE INDEX IF NOT EXISTS {Name}{suffix} ON {name} ({columns})";
    }

    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs statements that make the table where it is missing. PostgreSQL asks for the right to make it even where it is there; one that was made for an application without that right will do.</summary>
    public async ValueTask PrepareAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);

        // Two nodes that start at once may both find the table missing, and PostgreSQL tells the slower one so in spite of IF NOT EXISTS.
        if (IsPostgres)
            await RunAsync(connection, "SELECT pg_advisory_lock(hashtext(@name))", cancellationToken, ("name", Name));
        try
        {
            foreach (var statement in statements)
                await RunAsync(connection, statement, cancellationToken);
        }
        catch (DbException refused) when (refused.SqlState == MayNot)
        {
            if (!await IsThereAsync(connection, cancellationToken))
                throw;
        }
        finally
        {
            if (IsPostgres)
                await RunAsync(connection, "SELECT pg_advisory_unlock(hashtext(@name))", CancellationToken.None, ("name", Name));
        }
    }

    /// <summary>Whether a statement changed one row.</summary>
    public async ValueTask<bool> ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    async ValueTask<bool> IsThereAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "SELECT to_regclass(@name) IS NOT NULL", ("name", Name));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    static async ValueTask RunAsync(DbConnection connection, string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [GeneratedRegex(@"\A(?:[A-Za-z_][A-Za-z0-9_]{0,47}\.)?[A-Za-z_][A-Za-z0-9_]{0,47}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
