using System.Text.Json;

namespace Headroom.Http.Streaming;

/// <summary>The <c>error</c> events of a stream that broke off: problems (RFC 9457) that say what a client needs to know, and nothing of the exception.</summary>
internal static class StreamProblems
{
    public static ServerSentEvent Failed(string trace) =>
        Event(500, "Internal Server Error", "The stream broke off because of an error on the server.", trace);

    public static ServerSentEvent PastDeadline(string trace) =>
        Event(504, "Gateway Timeout", "The stream took longer than it may and was ended.", trace);

    static ServerSentEvent Event(int status, string title, string detail, string trace)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", title);
            writer.WriteNumber("status", status);
            writer.WriteString("detail", detail);
            writer.WriteString("traceId", trace);
            writer.WriteEndObject();
        }

        return new ServerSentEvent(System.Text.Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length), "error");
    }
}
