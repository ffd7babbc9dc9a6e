using System.Text;

namespace Headroom.Http.Tests.Streaming;

/// <summary>What a reader dispatches.</summary>
internal sealed record ReadEvent(string Type, string Data, string LastEventId);

/// <summary>
/// Reads an event stream by the letter of the HTML standard, §9.2.6 "Interpreting an event stream", and shares nothing with what writes it.
/// </summary>
internal sealed class EventSourceReader(Stream stream)
{
    readonly StreamReader text = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: false, bufferSize: 1);
    readonly char[] one = new char[1];
    bool isFirst = true;
    bool afterCarriageReturn;
    string lastEventIdBuffer = "";

    public string LastEventId { get; private set; } = "";

    public int? RetryMs { get; private set; }

    public int Comments { get; private set; }

    /// <summary>The next event; null at the end of the stream, where what is not closed by an empty line is dropped.</summary>
    public async Task<ReadEvent?> NextAsync(CancellationToken cancellation)
    {
        var data = new StringBuilder();
        var type = "";
        while (await LineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                LastEventId = lastEventIdBuffer;
                if (data.Length == 0)
                {
                    type = "";
                    continue;
                }

                // "If the data buffer's last character is a LINE FEED, then remove the last character."
                data.Length--;
                return new ReadEvent(type.Length == 0 ? "message" : type, data.ToString(), LastEventId);
            }

            if (line[0] == ':')
            {
                Comments++;
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..];
            if (value.StartsWith(' '))
                value = value[1..];
            switch (field)
            {
                case "event":
                    type = value;
                    break;
                case "data":
                    data.Append(value).Append('\n');
                    break;
                case "id" when !value.Contains('\0', StringComparison.Ordinal):
                    lastEventIdBuffer = value;
                    break;
                case "retry" when value.Length > 0 && value.All(char.IsAsciiDigit):
                    RetryMs = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
                    break;
            }
        }

        return null;
    }

    async Task<string?> LineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (await text.ReadAsync(one, cancellation) > 0)
        {
            var letter = one[0];
            var first = isFirst;
            isFirst = false;
            if (first && letter == '\uFEFF')
                continue;
            if (letter == '\n' && afterCarriageReturn)
            {
                afterCarriageReturn = false;
                continue;
            }

            afterCarriageReturn = letter == '\r';
            if (letter is '\r' or '\n')
                return line.ToString();
            line.Append(letter);
        }

        return null;
    }
}
