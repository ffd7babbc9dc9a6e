using System.Text;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Tests.Protocol;

/// <summary>Replies of every type, as bytes and in words that the parse can be compared with.</summary>
internal static class ReplyCorpus
{
    public static readonly (string Bytes, string Words)[] Good =
    [
        ("+OK\r\n", "+OK"),
        ("+\r\n", "+"),
        ("-ERR wrong\r\n", "-ERR wrong"),
        (":0\r\n", ":0"),
        (":-9223372036854775808\r\n", ":-9223372036854775808"),
        (":+7\r\n", ":+7"),
        ("$0\r\n\r\n", "$"),
        ("$5\r\nhello\r\n", "$hello"),
        ("$4\r\n\r\n\r\n\r\n", "$\r\n\r\n"),
        ("$7\r\n$5\r\nab\r\r\n", "$$5\r\nab\r"),
        ("$-1\r\n", "_"),
        ("*-1\r\n", "_"),
        ("_\r\n", "_"),
        ("*0\r\n", "*[]"),
        ("*2\r\n:1\r\n$1\r\na\r\n", "*[:1 $a]"),
        ("*2\r\n*0\r\n*1\r\n*0\r\n", "*[*[] *[*[]]]"),
        ("#t\r\n", "#t"),
        ("#f\r\n", "#f"),
        (",1.5\r\n", ",1.5"),
        (",10\r\n", ",10"),
        (",-1.5e-3\r\n", ",-1.5e-3"),
        (",inf\r\n", ",inf"),
        (",-inf\r\n", ",-inf"),
        (",nan\r\n", ",nan"),
        ("(3492890328409238509324850943850943825024385\r\n", "(3492890328409238509324850943850943825024385"),
        ("(-1\r\n", "(-1"),
        ("!12\r\nSYNTAX bad\r\n\r\n", "-SYNTAX bad\r\n"),
        ("=9\r\ntxt:a\r\nbc\r\n", "=a\r\nbc"),
        ("=4\r\nmkd:\r\n", "="),
        ("%2\r\n+a\r\n:1\r\n+b\r\n_\r\n", "%[+a :1 +b _]"),
        ("%0\r\n", "%[]"),
        ("~2\r\n+a\r\n#t\r\n", "~[+a #t]"),
        (">2\r\n+invalidate\r\n*1\r\n$3\r\nkey\r\n", ">[+invalidate *[$key]]"),
        (">2\r\n$10\r\ninvalidate\r\n_\r\n", ">[$invalidate _]"),
        ("|1\r\n+ttl\r\n:3600\r\n$1\r\nx\r\n", "|[+ttl :3600]$x"),
        ("|0\r\n:1\r\n", ":1"),
        ("*2\r\n|1\r\n+a\r\n*1\r\n:2\r\n:3\r\n|1\r\n+b\r\n+c\r\n:4\r\n", "*[|[+a *[:2]]:3 |[+b +c]:4]"),
        ("|1\r\n+a\r\n+b\r\n|1\r\n+c\r\n+d\r\n:5\r\n", "|[+c +d]:5"),
        ("%1\r\n*1\r\n:1\r\n%1\r\n~1\r\n:2\r\n$-1\r\n", "%[*[:1] %[~[:2] _]]"),
    ];

    public static readonly (string Bytes, string Why)[] Bad =
    [
        ("\r\n", "empty"),
        ("+OK\n", "CR LF"),
        ("+a\rb\r\n", "CR"),
        ("x1\r\n", "0x78"),
        ("\0\0\0\n", "CR LF"),
        ("HTTP/1.1 400 Bad Request\r\n", "0x48"),
        (":\r\n", "integer"),
        (":1.5\r\n", "integer"),
        (":9223372036854775808\r\n", "integer"),
        (":+-1\r\n", "integer"),
        ("$abc\r\n", "length"),
        ("$-2\r\n", "length"),
        ("$+1\r\n", "length"),
        ("$5\r\nhelloXY", "followed by CR LF"),
        ("$536870913\r\n", "longer than 536870912"),
        ("$99999999999\r\n", "length"),
        ("$?\r\n", "streamed"),
        ("*?\r\n", "streamed"),
        (";4\r\n", "streamed"),
        (".\r\n\r\n", "streamed"),
        ("*-2\r\n", "length"),
        ("%-1\r\n", "length"),
        ("!-1\r\n", "length"),
        ("*99999999999\r\n", "length"),
        ("=3\r\n", "format"),
        ("#x\r\n", "boolean"),
        (",abc\r\n", "double"),
        (",\r\n", "double"),
        (", 1\r\n", "double"),
        ("(12a\r\n", "big number"),
        ("(\r\n", "big number"),
        ("_x\r\n", "null"),
        ("*1\r\n>1\r\n", "push"),
        (">0\r\n", "push"),
    ];

    /// <summary>A reply in words: the type's byte and the text, what it holds in brackets, attributes before.</summary>
    public static string Describe(RedisReply reply)
    {
        var words = new StringBuilder();
        Append(words, reply);
        return words.ToString();
    }

    public static RedisReply Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new RespReader(bytes);
        var reply = RedisReply.Read(ref reader);
        Assert.True(reader.IsEnd);
        return reply;
    }

    static void Append(StringBuilder words, RedisReply reply)
    {
        if (reply.Attributes.Count > 0)
        {
            words.Append('|');
            AppendItems(words, reply.Attributes);
        }

        words.Append(reply.Kind switch
        {
            RedisReplyKind.Null => '_',
            RedisReplyKind.SimpleString => '+',
            RedisReplyKind.BulkString => '$',
            RedisReplyKind.Integer => ':',
            RedisReplyKind.Error => '-',
            RedisReplyKind.Array => '*',
            RedisReplyKind.Set => '~',
            RedisReplyKind.Map => '%',
            RedisReplyKind.Double => ',',
            RedisReplyKind.Boolean => '#',
            RedisReplyKind.BigNumber => '(',
            RedisReplyKind.Verbatim => '=',
            _ => '>',
        });
        if (reply.Kind is RedisReplyKind.Array or RedisReplyKind.Set or RedisReplyKind.Map or RedisReplyKind.Push)
            AppendItems(words, reply.Items);
        else
            words.Append(Encoding.Latin1.GetString(reply.Bytes.Span));
    }

    static void AppendItems(StringBuilder words, IReadOnlyList<RedisReply> items)
    {
        words.Append('[');
        for (var index = 0; index < items.Count; index++)
        {
            if (index > 0)
                words.Append(' ');
            Append(words, items[index]);
        }

        words.Append(']');
    }
}
