using System.Text;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>Whatever came, as long as it was no error: true.</summary>
internal readonly struct AnyShape : IReplyShape<bool>
{
    public static bool Read(ref RespReader reader) => true;
}

/// <summary>Anything, in full.</summary>
internal readonly struct ReplyShape : IReplyShape<RedisReply>
{
    public static RedisReply Read(ref RespReader reader) => RedisReply.ReadCurrent(ref reader);
}

/// <summary>A string into a pooled array.</summary>
internal readonly struct BufferShape : IReplyShape<RedisBuffer>
{
    public static RedisBuffer Read(ref RespReader reader)
    {
        if (reader.IsNull)
            return default;
        if (reader.IsAggregate)
            throw Shapes.Unexpected(ref reader, "a string");
        var value = RedisBuffer.Rent(reader.Value.Length, out var array);
        reader.Value.CopyTo(array);
        return value;
    }
}

/// <summary>An array of strings into pooled arrays.</summary>
internal readonly struct BuffersShape : IReplyShape<RedisBuffer[]>
{
    public static RedisBuffer[] Read(ref RespReader reader)
    {
        if (!reader.IsAggregate)
            throw Shapes.Unexpected(ref reader, "an array of strings");
        var values = new RedisBuffer[reader.Count];
        for (var index = 0; index < values.Length; index++)
        {
            reader.Read();
            values[index] = BufferShape.Read(ref reader);
        }

        return values;
    }
}

/// <summary>A string as text; null for null.</summary>
internal readonly struct TextShape : IReplyShape<string?>
{
    public static string? Read(ref RespReader reader)
    {
        if (reader.IsAggregate)
            throw Shapes.Unexpected(ref reader, "a string");
        return reader.IsNull ? null : Encoding.UTF8.GetString(reader.Value);
    }
}

internal readonly struct Int64Shape : IReplyShape<long>
{
    public static long Read(ref RespReader reader) => reader.TryGetInt64(out var value) ? value : throw Shapes.Unexpected(ref reader, "an integer");
}

/// <summary>A number, also as a string as RESP2 has it; null for null.</summary>
internal readonly struct DoubleShape : IReplyShape<double?>
{
    public static double? Read(ref RespReader reader)
    {
        if (reader.IsNull)
            return null;
        return !reader.IsAggregate && RespNumber.TryDouble(reader.Value, out var value) ? value : throw Shapes.Unexpected(ref reader, "a number");
    }
}

/// <summary>Whether something was done: an integer other than 0, or a status; null is no.</summary>
internal readonly struct DoneShape : IReplyShape<bool>
{
    public static bool Read(ref RespReader reader)
    {
        if (reader.IsNull)
            return false;
        if (reader.Type == RespType.SimpleString)
            return true;
        return reader.TryGetInt64(out var value) ? value != 0 : throw Shapes.Unexpected(ref reader, "an integer or a status");
    }
}

internal static class Shapes
{
    public static RedisProtocolException Unexpected(ref RespReader reader, string expected) =>
        new($"The reply has the type '{(char)reader.Type}' where {expected} was expected. The connection stays in step; check that the command is the one that was meant.");
}

/// <summary>Keys and values, as a map or, in RESP2, as an array.</summary>
internal readonly struct FieldsShape : IReplyShape<IReadOnlyDictionary<string, byte[]>>
{
    public static IReadOnlyDictionary<string, byte[]> Read(ref RespReader reader)
    {
        if (!reader.IsAggregate || reader.Count % 2 != 0)
            throw Shapes.Unexpected(ref reader, "a map");
        var fields = new Dictionary<string, byte[]>(reader.Count / 2, StringComparer.Ordinal);
        for (var missing = reader.Count; missing > 0; missing -= 2)
        {
            reader.Read();
            var name = TextShape.Read(ref reader) ?? "";
            reader.Read();
            fields[name] = reader.Value.ToArray();
        }

        return fields;
    }
}

/// <summary>The answer of PTTL.</summary>
internal readonly struct TimeToLiveShape : IReplyShape<TimeSpan?>
{
    public static TimeSpan? Read(ref RespReader reader) => Int64Shape.Read(ref reader) switch
    {
        -2 => null,
        -1 => Timeout.InfiniteTimeSpan,
        var milliseconds => TimeSpan.FromMilliseconds(milliseconds),
    };
}
