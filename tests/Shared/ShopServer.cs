using System.Collections.Concurrent;

namespace Headroom.Testing;

/// <summary>An API with a login, pages behind it, redirects and cookies, which remembers what it was asked.</summary>
internal sealed class ShopServer : IAsyncDisposable
{
    private readonly ScriptedServer _server;
    private readonly ConcurrentQueue<Asked> _asked = new();
    private int _sequence;

    internal sealed record Asked(string Line, string Head, string Body, int Connection, DateTime At)
    {
        public string Path => Line.Split(' ')[1];

        public string? Header(string name) => Head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
    }

    public ShopServer(Func<Asked, string?>? answer = null, TimeSpan delay = default) => _server = new ScriptedServer(async conversation =>
    {
        while (await conversation.ReadRequestAsync() is { } text)
        {
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var asked = new Asked(text[..text.IndexOf('\r', StringComparison.Ordinal)], text[..end], text[(end + 4)..], conversation.Number, DateTime.UtcNow);
            _asked.Enqueue(asked);
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, conversation.Stop);
            await conversation.SendAsync(answer?.Invoke(asked) ?? Answer(asked));
        }
    });

    public Uri Url => _server.Url;

    public int Connections => _server.Connections;

    public IReadOnlyList<Asked> Requests => [.. _asked];

    public IEnumerable<string> Paths => _asked.Select(asked => asked.Path);

    public Uri At(string path) => new(Url.ToString().TrimEnd('/') + path);

    public static string Json(string json, string headers = "") =>
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}Content-Length: {json.Length}\r\n\r\n{json}";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string Answer(Asked asked) => asked.Path switch
    {
        "/login" => Json("""{"token":"t-N","user":{"id":7,"name":"A \"b\" & c/d"}}""".Replace("N", Interlocked.Increment(ref _sequence).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal), "Set-Cookie: sid=abc; Path=/\r\nX-Next: /page?n=3\r\n"),
        "/old" => "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n",
        "/away" => "HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n",
        "/missing" => "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
        _ => Json("""{"ok":true,"items":[{"id":1,"price":2.50},{"id":2}]}"""),
    };
}
