using System.Text;

namespace Headroom.Load.Flows;

/// <summary>A feeder's rows as bytes, and which of them are taken. Shared by all workers.</summary>
internal sealed class FeederTable
{
    private readonly Feeder _plan;
    private readonly byte[][] _cells;
    private long _taken;
    private int _vus;

    public FeederTable(Feeder plan)
    {
        _plan = plan;
        _cells = [.. plan.Rows.SelectMany(row => row).Select(Encoding.UTF8.GetBytes)];
    }

    public string Name => _plan.Name;

    public FeederEnd AtEnd => _plan.AtEnd;

    public int ColumnOf(string column)
    {
        for (var i = 0; i < _plan.Columns.Count; i++)
        {
            if (_plan.Columns[i] == column)
                return i;
        }

        throw new InvalidOperationException($"The plan was validated, and yet feeder '{Name}' has no column '{column}'.");
    }

    public ReadOnlySpan<byte> Cell(int row, int column) => _cells[(row * _plan.Columns.Count) + column];

    /// <summary>A number for a VU of the run, so that each has its own row.</summary>
    public int NumberOfNewVu() => Interlocked.Increment(ref _vus) - 1;

    /// <summary>The row of a VU's next iteration; false when there is none and the feeder does not begin again.</summary>
    /// <param name="vuNumber">From <see cref="NumberOfNewVu"/>.</param>
    /// <param name="random">The VU's.</param>
    /// <param name="row">From 0.</param>
    public bool TryTake(int vuNumber, ref SeededRandom random, out int row)
    {
        var count = _plan.Rows.Count;
        long number = _plan.Order switch
        {
            FeederOrder.Random => random.Next(0, count - 1),
            FeederOrder.UniquePerVu => vuNumber,
            _ => Interlocked.Increment(ref _taken) - 1,
        };
        row = (int)(number % count);
        return number < count || _plan.AtEnd == FeederEnd.Recycle;
    }
}
