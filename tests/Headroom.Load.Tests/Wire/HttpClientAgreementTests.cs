using System.Net;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

/// <summary>
/// The runtime's <see cref="SocketsHttpHandler"/> as a second opinion: on every response that both accept, status, body and the fate of the connection agree. It
/// is handed exactly the bytes that the reader took for the response, so a boundary that it sees elsewhere leaves it waiting, or gives the connection up.
/// </summary>
public sealed class HttpClientAgreementTests(ITestOutputHelper output)
{
    private const string Second = "HTTP/1.1 299 Second\r\nContent-Length: 0\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Response_OfTheCorpus_IsReadAlike()
    {
        var accepted = 0;
        foreach (var (name, bytes) in ResponseCorpus.All)
        {
            foreach (var isHead in new[] { false, true })
            {
                var (problem, bothAccept) = await CompareAsync(bytes, isHead);
                Assert.True(problem is null, $"{name}{(isHead ? " to HEAD" : "")}: {problem}");
                accepted += bothAccept ? 1 : 0;
            }
        }

        output.WriteLine($"{accepted} of {ResponseCorpus.All.Length * 2} accepted by both");
        Assert.True(accepted > ResponseCorpus.All.Length);
    }

    [Fact]
    public async Task Response_Mutated_IsReadAlikeWhereBothAcceptIt()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEADROOM_TEST_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed: HEADROOM_TEST_SEED={seed}");
        var mutator = new ResponseMutator(seed);
        const int Count = 4000;
        var accepted = 0;
        for (var run = 0; run < Count; run++)
        {
            var bytes = mutator.Next().ToArray();
            var (problem, bothAccept) = await CompareAsync(bytes, isHead: run % 16 == 0);
            Assert.True(problem is null, $"HEADROOM_TEST_SEED={seed}, response {run}: {problem}\n{Encoding.Latin1.GetString(bytes)}");
            accepted += bothAccept ? 1 : 0;
        }

        output.WriteLine($"{accepted} of {Count} accepted by both");
        Assert.True(accepted > Count / 10);
    }

    private static async Task<(string? Problem, bool BothAccept)> CompareAsync(byte[] bytes, bool isHead)
    {
        var reader = new ResponseReader();
        reader.Begin(new RequestImage { Bytes = ReadOnlyMemory<byte>.Empty, OriginIndex = 0, Row = 0, IsHead = isHead, Capture = Capture.Body }, 1 << 20);
        var state = reader.Feed(bytes, out var consumed);
        var endsWithConnection = state == ReadState.NeedMore;
        if (endsWithConnection)
            state = reader.EndOfStream();
        if (state != ReadState.Done)
            return (null, false);

        var connections = new List<MemoryConnection>();
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = (_, _) =>
            {
                var connection = new MemoryConnection(connections.Count == 0 ? bytes[..consumed] : Encoding.Latin1.GetBytes(Second), endsWithConnection);
                connections.Add(connection);
                return ValueTask.FromResult<Stream>(connection);
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var request = new HttpRequestMessage(isHead ? HttpMethod.Head : HttpMethod.Get, "http://127.0.0.1/");
            using var response = await invoker.SendAsync(request, patience.Token);
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            if ((int)response.StatusCode != reader.Status)
                return ($"status {(int)response.StatusCode}, the reader's is {reader.Status}", true);
            if (!reader.Captured!.Body.SequenceEqual(body))
                return ($"a body of {body.Length} bytes, the reader's has {reader.BodyBytes}", true);
        }
        catch (HttpRequestException)
        {
            // It is stricter than the reader in places, which is no disagreement about where a response ends.
            return (null, false);
        }
        catch (OperationCanceledException)
        {
            return ("it waits for more than the reader took", true);
        }

        using var next = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1/");
        using var after = await invoker.SendAsync(next, patience.Token);
        var reused = connections.Count == 1;

        // The reader gives up some connections that the runtime keeps (a length beside a transfer coding, say); never the other way round.
        return reader.KeepAlive && !reused ? ("it gives up the connection that the reader would use again", true) : (null, true);
    }

    /// <summary>A connection in memory: what is written to it is forgotten, and brings the next response.</summary>
    private sealed class MemoryConnection(byte[] first, bool ends) : Stream
    {
        private readonly Queue<byte[]> _responses = new([first, Encoding.Latin1.GetBytes(Second)]);
        private readonly SemaphoreSlim _asked = new(0);
        private ReadOnlyMemory<byte> _rest;
        private bool _hasAnswered;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest.IsEmpty)
            {
                if (ends && _hasAnswered)
                    return 0;
                await _asked.WaitAsync(cancellationToken);
                _rest = _responses.Dequeue();
                _hasAnswered = true;
            }

            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Span.EndsWith("\r\n\r\n"u8))
                _asked.Release();
            return ValueTask.CompletedTask;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
