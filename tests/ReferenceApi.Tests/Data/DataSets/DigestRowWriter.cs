using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Tests.Data.DataSets;

/// <summary>Takes generated rows and keeps nothing but a digest of all that was written.</summary>
internal sealed class DigestRowWriter : RowWriter
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<string, int> rowsByTable = new(StringComparer.Ordinal);
    private string current = "";

    public DigestRowWriter()
        : base(progress: null, CancellationToken.None)
    {
    }

    public IReadOnlyDictionary<string, int> RowsByTable => rowsByTable;

    public static string Of(DataSetSpecification specification)
    {
        var writer = new DigestRowWriter();
        DataSetGenerator.Generate(specification, writer);
        return writer.Digest();
    }

    public string Digest() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public override void BeginTable(string table, params string[] columns)
    {
        current = table;
        rowsByTable.Add(table, 0);
        Append($"table {table} {string.Join(',', columns)}");
    }

    public override void Write(long value) => Append(value.ToString(CultureInfo.InvariantCulture));

    public override void Write(double value) => Append(value.ToString("R", CultureInfo.InvariantCulture));

    public override void Write(string value) => Append(value);

    public override void WriteNull() => Append("null");

    public override void EndTable() => Append("end");

    protected override void CompleteRow()
    {
        rowsByTable[current]++;
        Append("row");
    }

    private void Append(string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
