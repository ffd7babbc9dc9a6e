using System.Globalization;
using System.Text;
using Headroom.Redis.Protocol;

namespace Headroom.Redis;

/// <summary>
/// Any reply, for <c>ExecuteAsync</c>. Immutable, and independent of the connection that it came from.
/// A conversion that the reply does not allow throws <see cref="InvalidCastException"/> with both named.
/// </summary>
public sealed class RedisReply
{
    static readonly RedisReply NullReply = new(RedisReplyKind.Null, default, []);
    static readonly RedisReply OkReply = new(RedisReplyKind.SimpleString, "OK"u8.ToArray(), []);

    readonly RedisReply[] items;

    RedisReply(RedisReplyKind kind, ReadOnlyMemory<byte> bytes, RedisReply[] items)
    {
        Kind = kind;
        Bytes = bytes;
        this.items = items;
    }

    /// <summary>What it is.</summary>
    public RedisReplyKind Kind { get; }

    /// <summary>Whether Redis answered that there is nothing.</summary>
    public bool IsNull => Kind == RedisReplyKind.Null;

    /// <summary>The content of a string, and the text of a status, an error or a number. Empty for what holds other values.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What an array, a set or a push holds; keys and values in turn for a map. Empty for anything else.</summary>
    public IReadOnlyList<RedisReply> Items => items;

    /// <summary>What Redis attached to the reply (RESP3 attributes), keys and values in turn. Empty where nothing was, which is nearly always.</summary>
    public IReadOnlyList<RedisReply> Attributes { get; private init; } = [];

    /// <summary>The text of a string, status, error or number, read as UTF-8; null for a null.</summary>
    public string? AsString() => Kind switch
    {
        RedisReplyKind.Null => null,
        RedisReplyKind.Array or RedisReplyKind.Set or RedisReplyKind.Map or RedisReplyKind.Push => throw Cannot("a string"),
        _ => Encoding.UTF8.GetString(Bytes.Span),
    };

    /// <summary>An integer, or a string that is one; a boolean is 1 or 0.</summary>
    public long AsInt64() => Kind switch
    {
        RedisReplyKind.Boolean => AsBoolean() ? 1 : 0,
        RedisReplyKind.Integer or RedisReplyKind.BulkString or RedisReplyKind.SimpleString or RedisReplyKind.Verbatim or RedisReplyKind.BigNumber
            when RespNumber.TryInteger(Bytes.Span, out var value) => value,
        _ => throw Cannot("an integer of 64 bits"),
    };

    /// <summary>A double or an integer, or a string that is one.</summary>
    public double AsDouble() => Kind is RedisReplyKind.Double or RedisReplyKind.Integer or RedisReplyKind.BulkString or RedisReplyKind.BigNumber
        && RespNumber.TryDouble(Bytes.Span, out var value) ? value : throw Cannot("a double");

    /// <summary>A boolean, or the integer 1 or 0.</summary>
    public bool AsBoolean() => Kind switch
    {
        RedisReplyKind.Boolean => Bytes.Span is [(byte)'t'],
        RedisReplyKind.Integer when Bytes.Span is [(byte)'0' or (byte)'1'] => Bytes.Span is [(byte)'1'],
        _ => throw Cannot("a boolean"),
    };

    /// <summary>The kind and, of what holds values, their number: contents stay out of logs.</summary>
    public override string ToString() => items.Length == 0 ? Kind.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Kind} of {items.Length}");

    /// <summary>Reads the next value of a reply with all that it holds. The scanner bounds depth, and how many values can be announced: each has bytes.</summary>
    internal static RedisReply Read(ref RespReader reader)
    {
        reader.ReadWithAttribute();
        RedisReply[] attributes = [];
        while (reader.Type == RespType.Attribute)
        {
            attributes = ReadItems(ref reader);
            reader.ReadWithAttribute();
        }

        var reply = ReadCurrent(ref reader);
        return attributes.Length == 0 ? reply : new RedisReply(reply.Kind, reply.Bytes, reply.items) { Attributes = attributes };
    }

    /// <summary>The value that the reader stands on.</summary>
    internal static RedisReply ReadCurrent(ref RespReader reader)
    {
        if (reader.IsNull)
            return NullReply;
        if (reader.Type == RespType.SimpleString && reader.Value.SequenceEqual("OK"u8))
            return OkReply;

        var kind = KindOf(reader.Type);
        return reader.IsAggregate ? new RedisReply(kind, default, ReadItems(ref reader)) : new RedisReply(kind, reader.Value.ToArray(), []);
    }

    static RedisReply[] ReadItems(ref RespReader reader)
    {
        var read = new RedisReply[reader.Count];
        for (var index = 0; index < read.Length; index++)
            read[index] = Read(ref reader);
        return read;
    }

    static RedisReplyKind KindOf(byte type) => type switch
    {
        RespType.SimpleString => RedisReplyKind.SimpleString,
        RespType.BulkString => RedisReplyKind.BulkString,
        RespType.Integer => RedisReplyKind.Integer,
        RespType.SimpleError or RespType.BulkError => RedisReplyKind.Error,
        RespType.Array => RedisReplyKind.Array,
        RespType.Set => RedisReplyKind.Set,
        RespType.Map => RedisReplyKind.Map,
        RespType.Double => RedisReplyKind.Double,
        RespType.Boolean => RedisReplyKind.Boolean,
        RespType.BigNumber => RedisReplyKind.BigNumber,
        RespType.Verbatim => RedisReplyKind.Verbatim,
        RespType.Push => RedisReplyKind.Push,
        _ => RedisReplyKind.Null,
    };

    InvalidCastException Cannot(string target) => new($"A reply of kind {Kind} was asked for as {target}.");
}
