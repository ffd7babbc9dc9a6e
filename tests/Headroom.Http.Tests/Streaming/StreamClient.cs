using System.Net;

namespace Headroom.Http.Tests.Streaming;

/// <summary>A client that reads an event stream event by event, and is gone at once when it is disposed of.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    // Far above what anything here takes, so that a hang is told by name and not by the runner.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly HttpClient http;
    readonly EventSourceReader? reader;

    StreamClient(HttpClient http, HttpResponseMessage response, EventSourceReader? reader) => (this.http, Response, this.reader) = (http, response, reader);

    public HttpResponseMessage Response { get; }

    public EventSourceReader Reader => reader ?? throw new InvalidOperationException($"The answer was {(int)Response.StatusCode}.");

    public static async Task<StreamClient> OpenAsync(Uri address, string path, string? lastEventId = null, params (string Name, string Value)[] headers)
    {
        var made = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = address, Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await made.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var stream = response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken) : null;
        return new StreamClient(made, response, stream is null ? null : new EventSourceReader(stream));
    }

    public async Task<ReadEvent?> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        return await Reader.NextAsync(patience.Token);
    }

    public async Task<List<ReadEvent>> TakeAsync(int count)
    {
        var read = new List<ReadEvent>();
        while (read.Count < count)
            read.Add(await NextAsync() ?? throw new InvalidOperationException($"The stream ended after {read.Count} events of {count}."));
        return read;
    }

    public async Task<List<ReadEvent>> RestAsync()
    {
        var read = new List<ReadEvent>();
        while (await NextAsync() is { } item)
            read.Add(item);
        return read;
    }

    public ValueTask DisposeAsync()
    {
        Response.Dispose();
        http.Dispose();
        return ValueTask.CompletedTask;
    }
}
