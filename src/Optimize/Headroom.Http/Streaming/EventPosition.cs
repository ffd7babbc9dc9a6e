using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Headroom.Http.Streaming;

/// <summary>
/// Where in which stream a reader is, as it stands in an event's id: <c>STREAM.7</c> after seven events, <c>STREAM.end</c> after the last. The stream's part is 128 random bits, so that nobody
/// guesses another's. That the end is in the id itself lets any node answer a reconnect after it, however long ago it was.
/// </summary>
/// <param name="Stream">22 characters of base64url.</param>
/// <param name="Taken">How many events the reader has; null after the end.</param>
internal readonly record struct EventPosition(string Stream, long? Taken)
{
    const int StreamLength = 22;
    const string End = "end";

    public static string NewStream() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static bool TryParse(string? id, [NotNullWhen(true)] out EventPosition? position)
    {
        position = null;
        if (id is null || id.Length <= StreamLength + 1 || id[StreamLength] != '.' || !Base64Url.IsValid(id.AsSpan(0, StreamLength)))
            return false;

        var rest = id.AsSpan(StreamLength + 1);
        if (rest is End)
            position = new EventPosition(id[..StreamLength], Taken: null);
        else if (long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var taken))
            position = new EventPosition(id[..StreamLength], taken);
        return position is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stream}.{(Taken is { } taken ? taken.ToString(CultureInfo.InvariantCulture) : End)}");
}
