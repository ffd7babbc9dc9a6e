namespace ReferenceApi.Data.DataSets;

/// <summary>
/// Where generated rows go: table by table, row by row, value by value in the order of the columns. Counts rows, reports progress
/// and stops when cancelled, so that the generators need not.
/// </summary>
internal abstract class RowWriter(BuildProgress? progress, CancellationToken cancellationToken)
{
    // Often enough to stop within milliseconds, seldom enough to cost nothing.
    private const int RowsBetweenChecks = 1_024;

    public long Rows { get; private set; }

    public abstract void BeginTable(string table, params string[] columns);

    public abstract void Write(long value);

    public abstract void Write(double value);

    public abstract void Write(string value);

    public abstract void WriteNull();

    public void EndRow()
    {
        CompleteRow();
        if (++Rows % RowsBetweenChecks != 0)
            return;

        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(Rows);
    }

    public abstract void EndTable();

    protected abstract void CompleteRow();
}
