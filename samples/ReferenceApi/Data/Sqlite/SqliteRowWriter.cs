using System.Globalization;
using Microsoft.Data.Sqlite;
using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Data.Sqlite;

/// <summary>Inserts generated rows with one prepared statement a table, all in one transaction.</summary>
internal sealed class SqliteRowWriter(SqliteConnection connection, SqliteTransaction transaction, BuildProgress progress, CancellationToken cancellationToken)
    : RowWriter(progress, cancellationToken), IDisposable
{
    private SqliteCommand? insert;
    private int column;

    public override void BeginTable(string table, params string[] columns)
    {
        insert?.Dispose();
        insert = connection.CreateCommand();
        insert.Transaction = transaction;
        var names = Enumerable.Range(0, columns.Length).Select(index => string.Create(CultureInfo.InvariantCulture, $"@p{index}")).ToArray();
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", names)})";
        foreach (var name in names)
            insert.Parameters.Add(new SqliteParameter { ParameterName = name });

        column = 0;
    }

    public override void Write(long value) => Set(value, SqliteType.Integer);

    public override void Write(double value) => Set(value, SqliteType.Real);

    public override void Write(string value) => Set(value, SqliteType.Text);

    public override void WriteNull() => Set(DBNull.Value, SqliteType.Integer);

    public override void EndTable()
    {
        insert?.Dispose();
        insert = null;
    }

    public void Dispose() => insert?.Dispose();

    protected override void CompleteRow()
    {
        insert!.ExecuteNonQuery();
        column = 0;
    }

    private void Set(object value, SqliteType type)
    {
        var parameter = insert!.Parameters[column++];
        parameter.SqliteType = type;
        parameter.Value = value;
    }
}
