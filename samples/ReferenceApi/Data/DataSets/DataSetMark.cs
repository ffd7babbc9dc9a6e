using Dapper;
using System.Data.Common;
using System.Globalization;

namespace ReferenceApi.Data.DataSets;

/// <summary>
/// The one row of the table <c>data_set</c>: what the database holds. It is written last, so a database without it is not finished,
/// and one with another is not the one asked for.
/// </summary>
internal sealed record DataSetMark
{
    public required string Name { get; init; }

    public required long Version { get; init; }

    public required string Seed { get; init; }

    /// <summary>1 with the secondary indexes, 0 without.</summary>
    public required long Indexes { get; init; }

    public long Rows { get; init; }

    public static DataSetMark Of(DataSetSpecification specification, bool indexes) => new()
    {
        Name = specification.Name,
        Version = DataSetSpecification.Version,
        Seed = specification.Seed.ToString(CultureInfo.InvariantCulture),
        Indexes = indexes ? 1 : 0,
    };

    public bool Matches(DataSetMark found) => this == found with { Rows = Rows };

    public static DataSetMark? Read(DbConnection connection)
    {
        using var reader = connection.ExecuteReader("SELECT name, version, seed, indexes, rows FROM data_set");
        if (!reader.Read())
            return null;

        return new DataSetMark
        {
            Name = reader.GetString(0),
            Version = reader.GetInt64(1),
            Seed = reader.GetString(2),
            Indexes = reader.GetInt64(3),
            Rows = reader.GetInt64(4),
        };
    }

    public void Write(DbConnection connection)
    {
        connection.Execute("DELETE FROM data_set");
        connection.Execute(
            "INSERT INTO data_set (name, version, seed, indexes, rows) VALUES (@name, @version, @seed, @indexes, @rows)",
            new { name = Name, version = Version, seed = Seed, indexes = Indexes, rows = Rows });
    }
}
