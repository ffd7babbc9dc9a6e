using System.Collections.Concurrent;

namespace Headroom.Gateway.Tests;

/// <summary>An upstream that answers as a test tells it, and remembers what it was asked, byte for byte.</summary>
internal sealed class Origin : IAsyncDisposable
{
    private readonly ScriptedServer _server;
    private readonly ConcurrentQueue<string> _requests = new();

    public Origin(Func<string, string> answer) => _server = new ScriptedServer(async conversation =>
    {
        while (await conversation.ReadRequestAsync() is { } request)
        {
            _requests.Enqueue(request);
            await conversation.SendAsync(answer(request));
        }
    });

    public Origin(string answer)
        : this(_ => answer)
    {
    }

    public Uri Url => _server.Url;

    public int Connections => _server.Connections;

    /// <summary>Heads and bodies as they came.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public string Request => _requests.Single();

    public string RequestLine => Request.Split("\r\n")[0];

    public IReadOnlyList<string> Fields(string name) => HeadText.Fields(Request, name);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
