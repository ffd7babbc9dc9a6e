using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>
/// The origin of all cases at once, on one port: the first segment of the path says which case asks, and the case's present exchange what to answer,
/// byte for byte.
/// </summary>
internal sealed class ScriptedOrigin : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ExchangeRun> _runs = new(StringComparer.Ordinal);
    private readonly ScriptedServer _server;

    public ScriptedOrigin() => _server = new ScriptedServer(ConverseAsync);

    public IPEndPoint Address => _server.Address;

    public Uri Url => _server.Url;

    public void Add(ExchangeRun run) => _runs[run.Segment] = run;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ConverseAsync(ScriptedServer.Conversation conversation)
    {
        while (await conversation.ReadRequestAsync() is { } text)
        {
            var request = OriginRequest.Parse(text);
            var segment = request.Target.Split('/', 3) is { Length: > 1 } parts ? parts[1].Split('?')[0] : "";
            if (!_runs.TryGetValue(segment, out var run))
            {
                await conversation.SendAsync("HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n");
                continue;
            }

            var (number, exchange) = run.Asked(request);
            if (exchange.ClosesWithoutAnswer)
                return;

            await conversation.SendAsync(Answer(run, number, exchange, request, out var close));
            if (close)
                return;
        }
    }

    private static string Answer(ExchangeRun run, int number, Exchange exchange, OriginRequest request, out bool close)
    {
        close = false;
        var confirms = exchange.Confirms && request.IsConditional;
        var status = confirms ? 304 : exchange.StatusCode;
        var text = new StringBuilder();
        foreach (var interim in exchange.InterimHeads)
            text.Append("HTTP/1.1 ").Append(run.Fill(interim).Replace("|", "\r\n", StringComparison.Ordinal)).Append("\r\n\r\n");
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {(status is 299 or 499 or 599 ? "Whatever" : ((HttpStatusCode)status).ToString())}\r\n");
        foreach (var header in exchange.ResponseHeaders)
            text.Append(run.Fill(header)).Append("\r\n");
        if (exchange.WithDate && !exchange.ResponseHeaders.Any(header => header.StartsWith("Date:", StringComparison.OrdinalIgnoreCase)))
            text.Append(run.Fill("Date: {now+0}\r\n"));
        if (exchange.WithMark && !confirms)
            text.Append(CultureInfo.InvariantCulture, $"Exchange: {number}\r\n");

        if (status is 204 or 304)
            return text.Append("\r\n").ToString();

        var content = exchange.Content ?? run.ContentOf(number);
        var saysLength = exchange.ResponseHeaders.Any(header => header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (request.Method == "HEAD")
            return text.Append(saysLength ? "" : $"Content-Length: {content.Length}\r\n").Append("\r\n").ToString();
        if (exchange.SendsChunked)
            return Chunked(text, content, exchange, out close);

        if (!saysLength)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n");
        text.Append("\r\n").Append(exchange.TruncatesAfter is { } sent ? content[..sent] : content);
        close = exchange.TruncatesAfter is not null;
        return text.ToString();
    }

    private static string Chunked(StringBuilder text, string content, Exchange exchange, out bool close)
    {
        close = exchange.TruncatesAfter is not null;
        if (exchange.TrailerLines.Count > 0)
            text.Append("Trailer: ").AppendJoin(", ", exchange.TrailerLines.Select(line => line.Split(':')[0])).Append("\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Transfer-Encoding: chunked\r\n\r\n{content.Length:x}\r\n");
        if (exchange.TruncatesAfter is { } sent)
            return text.Append(content[..sent]).ToString();
        text.Append(content).Append("\r\n0\r\n");
        foreach (var trailer in exchange.TrailerLines)
            text.Append(trailer).Append("\r\n");
        return text.Append("\r\n").ToString();
    }
}

/// <summary>What the origin was asked.</summary>
internal sealed record OriginRequest(string Method, string Target, string Head, string Body)
{
    public bool IsConditional => Has("If-None-Match") || Has("If-Modified-Since");

    public static OriginRequest Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var words = text[..text.IndexOf("\r\n", StringComparison.Ordinal)].Split(' ');
        return new(words[0], words[1], text[..end], text[end..]);
    }

    private bool Has(string name) => HeadText.Fields(Head, name).Count > 0;
}
