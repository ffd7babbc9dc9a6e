using System.Text;
using Headroom.Load.Plans;

namespace Headroom.Load.Flows;

/// <summary>The variables of a plan by number, with the values that are the same for every VU.</summary>
internal sealed class VariableTable
{
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly List<byte[]?> _common = [];

    public VariableTable(LoadPlan plan)
    {
        Feeders = [.. plan.Feeders.Select(feeder => new FeederTable(feeder))];
        foreach (var (name, value) in plan.Variables)
            SetCommon(SlotOf(name), Encoding.UTF8.GetBytes(value));
    }

    public IReadOnlyList<FeederTable> Feeders { get; }

    public int Count => _slots.Count;

    /// <summary>The number of a named variable, a new one for a new name.</summary>
    public int SlotOf(string name)
    {
        if (_slots.TryGetValue(name, out var slot))
            return slot;
        _slots.Add(name, _common.Count);
        _common.Add(null);
        return _common.Count - 1;
    }

    public void SetCommon(int slot, byte[] value) => _common[slot] = value;

    public bool HasCommon(int slot) => _common[slot] is not null;

    public ReadOnlySpan<byte> Common(int slot) => _common[slot];

    public VariableSource SourceOf(TemplatePart part)
    {
        if (part.Kind != TemplateVariable.Named)
            return new VariableSource(part.Kind, -1, -1, part.Min, part.Max);
        var dot = part.Name.IndexOf('.', StringComparison.Ordinal);
        for (var feeder = 0; dot > 0 && feeder < Feeders.Count; feeder++)
        {
            if (part.Name.AsSpan(0, dot).SequenceEqual(Feeders[feeder].Name))
                return new VariableSource(part.Kind, feeder, Feeders[feeder].ColumnOf(part.Name[(dot + 1)..]), 0, 0);
        }

        return new VariableSource(part.Kind, -1, SlotOf(part.Name), 0, 0);
    }
}
