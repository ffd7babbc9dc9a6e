using System.Buffers.Text;

namespace Headroom.Redis.Protocol;

/// <summary>Reads the values of one reply that <see cref="RespFrameScanner"/> found whole, one after the other, depth first. Attributes are skipped unless asked for.</summary>
internal ref struct RespReader(ReadOnlySpan<byte> reply)
{
    ReadOnlySpan<byte> rest = reply;

    /// <summary>Of the value read last, one of <see cref="RespType"/>; <see cref="RespType.Null"/> also for the nulls of RESP2.</summary>
    public byte Type { get; private set; }

    /// <summary>The text of a status, an error or a number, the content of a string; a verbatim string's without its format.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The number of values that an array, set, map or push holds and that come next: keys and values of a map each count.</summary>
    public int Count { get; private set; }

    public readonly bool IsNull => Type == RespType.Null;

    public readonly bool IsError => Type is RespType.SimpleError or RespType.BulkError;

    public readonly bool IsAggregate => Type is RespType.Array or RespType.Set or RespType.Map or RespType.Push;

    public readonly bool IsEnd => rest.IsEmpty;

    /// <summary>Moves to the next value, past attributes.</summary>
    public void Read()
    {
        ReadWithAttribute();
        while (Type == RespType.Attribute)
        {
            for (var count = Count; count > 0; count--)
                Skip();
            ReadWithAttribute();
        }
    }

    /// <summary>Moves to the next value; if that is an attribute, its <see cref="Count"/> values and then the value it describes follow.</summary>
    public void ReadWithAttribute()
    {
        if (rest.IsEmpty)
            throw Truncated();
        Type = rest[0];
        var lineEnd = rest.IndexOf((byte)'\r');
        if (lineEnd < 0)
            throw Truncated();
        var text = rest[1..lineEnd];
        rest = rest[(lineEnd + 2)..];
        Value = text;
        Count = 0;
        switch (Type)
        {
            case RespType.BulkString or RespType.BulkError or RespType.Verbatim:
                var length = ParseLength(text);
                if (length < 0)
                {
                    Type = RespType.Null;
                    Value = default;
                    return;
                }

                Value = Type == RespType.Verbatim ? rest[4..length] : rest[..length];
                rest = rest[(length + 2)..];
                return;
            case RespType.Array or RespType.Set or RespType.Push or RespType.Map or RespType.Attribute:
                Count = ParseLength(text);
                Value = default;
                if (Count < 0)
                {
                    Type = RespType.Null;
                    Count = 0;
                }
                else if (Type is RespType.Map or RespType.Attribute)
                {
                    Count *= 2;
                }

                return;
        }
    }

    /// <summary>Moves past the next value with all that it holds.</summary>
    public void Skip()
    {
        Read();
        SkipContent();
    }

    /// <summary>Moves past all that the current value holds.</summary>
    public void SkipContent()
    {
        for (long missing = Count; missing > 0; missing--)
        {
            Read();
            missing += Count;
        }
    }

    /// <summary>The current value as an integer: an integer, or a string or status that is one.</summary>
    public readonly bool TryGetInt64(out long value)
    {
        if (Type is RespType.Integer or RespType.BulkString or RespType.SimpleString or RespType.BigNumber or RespType.Verbatim)
            return RespNumber.TryInteger(Value, out value);
        value = Type == RespType.Boolean && Value is [(byte)'t'] ? 1 : 0;
        return Type == RespType.Boolean;
    }

    static int ParseLength(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'-', ..])
            return -1;
        return Utf8Parser.TryParse(text, out int length, out _) ? length : throw Truncated();
    }

    static InvalidOperationException Truncated() => new("A reply was read that no scanner had found whole.");
}
