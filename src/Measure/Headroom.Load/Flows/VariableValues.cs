using System.Runtime.InteropServices;
using Headroom.Load.Plans;
using Headroom.Load.Wire;

namespace Headroom.Load.Flows;

/// <summary>Where a variable's value comes from.</summary>
/// <param name="Kind">A named value or one that is made on the spot.</param>
/// <param name="Feeder">Index of the feeder that it is a column of; -1 for a named value of the iteration.</param>
/// <param name="Index">Column of the feeder, or slot of the named value.</param>
/// <param name="Min">Least random number.</param>
/// <param name="Max">Greatest random number.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VariableSource(TemplateVariable Kind, int Feeder, int Index, long Min, long Max);

/// <summary>The variables that one VU sees in one iteration.</summary>
internal sealed class VariableValues
{
    [StructLayout(LayoutKind.Auto)]
    private struct Value
    {
        public byte[] Bytes;
        public int Length;
        public bool IsSet;
    }

    private readonly VariableTable _table;
    private readonly Value[] _own;
    private readonly int[] _rows;

    public VariableValues(VariableTable table)
    {
        _table = table;
        _own = new Value[table.Count];
        _rows = new int[table.Feeders.Count];
    }

    public int Vu { get; init; }

    public long Iteration { get; set; }

    /// <summary>Forgets what earlier iterations extracted.</summary>
    public void BeginIteration()
    {
        foreach (ref var value in _own.AsSpan())
            value.IsSet = false;
    }

    public void TakeRow(int feeder, int row) => _rows[feeder] = row;

    public void Set(int slot, ReadOnlySpan<byte> text)
    {
        ref var value = ref _own[slot];
        if (value.Bytes is null || value.Bytes.Length < text.Length)
            value.Bytes = new byte[Math.Max(32, text.Length)];
        text.CopyTo(value.Bytes);
        value.Length = text.Length;
        value.IsSet = true;
    }

    /// <summary>A named value: the iteration's own, or else the plan's. Null when it has none yet.</summary>
    public bool TryGet(int slot, out ReadOnlySpan<byte> text)
    {
        ref var value = ref _own[slot];
        text = value.IsSet ? value.Bytes.AsSpan(0, value.Length) : _table.Common(slot);
        return value.IsSet || _table.HasCommon(slot);
    }

    /// <summary>Writes a value as <paramref name="encoding"/> asks.</summary>
    public void Write(in VariableSource source, ValueEncoding encoding, ref SeededRandom random, RequestBuffer buffer)
    {
        switch (source.Kind)
        {
            case TemplateVariable.Vu:
                buffer.Append(Vu);
                break;
            case TemplateVariable.Iteration:
                buffer.Append(Iteration);
                break;
            case TemplateVariable.Random:
                buffer.Append(random.Next(source.Min, source.Max));
                break;
            case TemplateVariable.Timestamp:
                buffer.Append(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
                break;
            case TemplateVariable.Uuid:
                WriteUuid(ref random, buffer);
                break;
            default:
                WriteText(source.Feeder >= 0 ? _table.Feeders[source.Feeder].Cell(_rows[source.Feeder], source.Index) : Named(source.Index), encoding, buffer);
                break;
        }
    }

    private ReadOnlySpan<byte> Named(int slot) => TryGet(slot, out var text) ? text : [];

    private static void WriteText(ReadOnlySpan<byte> text, ValueEncoding encoding, RequestBuffer buffer)
    {
        switch (encoding)
        {
            case ValueEncoding.Url:
                buffer.AppendUrlEncoded(text);
                break;
            case ValueEncoding.Json:
                buffer.AppendJsonEscaped(text);
                break;
            case ValueEncoding.Base64:
                buffer.AppendBase64(text);
                break;
            case ValueEncoding.Header:
                buffer.AppendHeaderValue(text);
                break;
            case ValueEncoding.RawTarget:
            case ValueEncoding.JsonTarget:
                var start = buffer.Length;
                WriteText(text, encoding == ValueEncoding.RawTarget ? ValueEncoding.Raw : ValueEncoding.Json, buffer);
                buffer.KeepInTarget(start);
                break;
            default:
                buffer.Append(text);
                break;
        }
    }

    /// <summary>A version 4 UUID (RFC 9562 §5.4) from the VU's seeded numbers, so that a run can be repeated.</summary>
    private static void WriteUuid(ref SeededRandom random, RequestBuffer buffer)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, random.Next());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], random.Next());
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        new Guid(bytes, bigEndian: true).TryFormat(buffer.GetSpan(36), out var written);
        buffer.Advance(written);
    }
}
