using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Headroom.Import.AccessLogs;

/// <summary>A request of an access log.</summary>
/// <param name="Time">When the server wrote it; null when the line does not say.</param>
/// <param name="Method">Upper case.</param>
/// <param name="Path">Path and query as they were sent.</param>
/// <param name="Status">0 when the line does not say.</param>
internal sealed record LogLine(DateTimeOffset? Time, string Method, string Path, int Status)
{
    // Names that servers and proxies use: nginx (by convention), Apache, Caddy, Traefik, Envoy, HAProxy, ASP.NET Core's and pino's loggers.
    private static readonly string[] TimeNames = ["time_iso8601", "@timestamp", "timestamp", "time", "ts", "time_local", "msec", "start_time", "StartUTC", "Timestamp", "date", "datetime", "@t"];

    private static readonly string[] MethodNames = ["request_method", "method", "RequestMethod", "http_method", "verb", "Method"];

    private static readonly string[] PathNames = ["request_uri", "uri", "RequestPath", "path", "url", "http_path", "Path", "target"];

    private static readonly string[] StatusNames = ["status", "status_code", "statusCode", "response_code", "DownstreamStatus", "StatusCode", "code", "http_status"];

    /// <summary>The request of a line in the common or combined form (Apache's mod_log_config), with anything before and behind, or of a JSON object; null when there is none in it.</summary>
    public static LogLine? Parse(string line) => line.AsSpan().TrimStart().StartsWith("{") ? ParseJson(line) : ParseCommon(line);

    private static LogLine? ParseCommon(string line)
    {
        var (time, quote) = TimeAndRequest(line);
        if (quote < 0)
            return null;
        var end = quote + 1;
        while (end < line.Length && line[end] != '"')
            end += line[end] == '\\' ? 2 : 1;
        if (end >= line.Length || RequestLine(Unescaped(line[(quote + 1)..end])) is not { } request)
            return null;
        var rest = line.AsSpan(end + 1).TrimStart();
        var length = rest.IndexOf(' ');
        _ = int.TryParse(length < 0 ? rest : rest[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var status);
        return new LogLine(time, request.Method, request.Path, status);
    }

    // What stands before the time may have brackets, too: an address of IPv6, the process of syslog (nginx[712]:). Without any time, the request is behind the first.
    private static (DateTimeOffset? Time, int Quote) TimeAndRequest(string line)
    {
        var first = -1;
        for (var open = line.IndexOf('[', StringComparison.Ordinal); open >= 0; open = line.IndexOf('[', open + 1))
        {
            var close = line.IndexOf(']', open);
            var quote = close < 0 ? -1 : line.IndexOf('"', close);
            if (quote < 0)
                break;
            if (ReadTime(line[(open + 1)..close]) is { } time)
                return (time, quote);
            first = first < 0 ? quote : first;
        }

        return (null, first);
    }

    private static LogLine? ParseJson(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            // Caddy and pino keep what was asked in an object of its own, pino what was answered, too.
            var inner = Inner(json, "request", "req") ?? json;
            var path = Text(inner, PathNames) ?? Text(json, PathNames);
            var method = Text(inner, MethodNames) ?? Text(json, MethodNames);
            (string Method, string Path)? request = path is null || method is null ? RequestLine(Text(json, ["request", "request_line", "RequestLine"]) ?? "") : RequestLine($"{method} {path} HTTP/1.1");
            if (request is null)
                return null;
            _ = int.TryParse(Text(json, StatusNames) ?? (Inner(json, "response", "res") is { } response ? Text(response, StatusNames) : null), NumberStyles.None, CultureInfo.InvariantCulture, out var status);
            return new LogLine(TimeOf(json), request.Value.Method, request.Value.Path, status);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Inner(JsonElement json, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (json.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object)
                return inner;
        }

        return null;
    }

    // What is called a time may be how long it took.
    private static DateTimeOffset? TimeOf(JsonElement json)
    {
        foreach (var name in TimeNames)
        {
            if (Text(json, [name]) is { } text && ReadTime(text) is { } time)
                return time;
        }

        return null;
    }

    private static (string Method, string Path)? RequestLine(string text)
    {
        var words = text.Split(' ');
        if (words.Length < 2 || words[0].Length is 0 or > 20 || !words[0].All(char.IsAsciiLetter))
            return null;
        // A path with blanks was not encoded; the version is the last word.
        var path = words.Length == 2 ? words[1] : string.Join(' ', words[1..^(words[^1].StartsWith("HTTP/", StringComparison.Ordinal) ? 1 : 0)]);
        if (Drafts.Origins.Split(path) is { } absolute)
            path = absolute.Path.StartsWith('/') ? absolute.Path : "/" + absolute.Path;
        var fragment = path.IndexOf('#', StringComparison.Ordinal);
        path = fragment < 0 ? path : path[..fragment];
        return path.StartsWith('/') ? (words[0].ToUpperInvariant(), path) : null;
    }

    private static string? Text(JsonElement json, string[] names)
    {
        foreach (var name in names)
        {
            if (json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                return value.ToString();
        }

        return null;
    }

    private static DateTimeOffset? ReadTime(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 1e8 and < 1e17)
        {
            // Seconds, milliseconds or microseconds since 1970, by their size.
            var seconds = number < 1e11 ? number : number < 1e14 ? number / 1e3 : number / 1e6;
            return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        }

        string[] formats = ["dd/MMM/yyyy:HH:mm:ss zzz", "d/MMM/yyyy:HH:mm:ss zzz", "dd/MMM/yyyy:HH:mm:ss.fff zzz", "dd/MMM/yyyy:HH:mm:ss"];
        var zone = text.LastIndexOf(' ');
        var withColon = zone > 0 && text.Length - zone == 6 ? text.Insert(zone + 4, ":") : text;
        if (DateTimeOffset.TryParseExact(withColon, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time) ? time : null;
    }

    // nginx and Apache write what is not printable as \xHH.
    private static string Unescaped(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\' || at + 1 >= text.Length)
                result.Append(text[at]);
            else if (text[at + 1] == 'x' && at + 3 < text.Length && char.IsAsciiHexDigit(text[at + 2]) && char.IsAsciiHexDigit(text[at + 3]))
            {
                result.Append('%').Append(text, at + 2, 2);
                at += 3;
            }
            else
                result.Append(text[++at]);
        }

        return result.ToString();
    }
}
