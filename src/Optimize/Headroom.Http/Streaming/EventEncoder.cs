using System.Buffers;
using System.Globalization;
using System.Text;

namespace Headroom.Http.Streaming;

/// <summary>
/// Writes events in the grammar of the HTML standard, §9.2.5. Three rules make every text survive: 1. a space follows each colon, since readers take one away; 2. every line of the data is a
/// field of its own, since readers put LF between them; 3. empty data is a field all the same, since readers drop an event that has none.
/// </summary>
internal static class EventEncoder
{
    /// <summary>A comment: readers ignore it, and whoever closes quiet connections sees that this one is used.</summary>
    public static readonly byte[] HeartBeat = [.. ":\n\n"u8];

    public static byte[] Encode(ServerSentEvent item, string? id)
    {
        var written = new ArrayBufferWriter<byte>(item.Data.Length + 64);
        if (item.Retry is { } retry)
            Field(written, "retry"u8, ((long)retry.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        if (id is not null)
            Field(written, "id"u8, id);
        if (!string.IsNullOrEmpty(item.Event))
            Field(written, "event"u8, item.Event);
        var rest = item.Data.AsSpan();
        int end;
        while ((end = rest.IndexOfAny('\r', '\n')) >= 0)
        {
            Field(written, "data"u8, rest[..end]);
            rest = rest[(end + (rest[end..].StartsWith("\r\n", StringComparison.Ordinal) ? 2 : 1))..];
        }

        Field(written, "data"u8, rest);
        written.Write("\n"u8);
        return written.WrittenSpan.ToArray();
    }

    /// <summary>Fields without data: a reader takes the id and the wait over and raises no event.</summary>
    public static byte[] Silent(string? id, TimeSpan? retry)
    {
        var written = new ArrayBufferWriter<byte>(64);
        if (retry is { } wait)
            Field(written, "retry"u8, ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        if (id is not null)
            Field(written, "id"u8, id);
        written.Write("\n"u8);
        return written.WrittenSpan.ToArray();
    }

    static void Field(ArrayBufferWriter<byte> written, ReadOnlySpan<byte> name, ReadOnlySpan<char> value)
    {
        written.Write(name);
        written.Write(": "u8);
        Encoding.UTF8.GetBytes(value, written);
        written.Write("\n"u8);
    }
}
