using System.Net;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

/// <summary>
/// The runtime's <see cref="SocketsHttpHandler"/> as a second opinion: on every response that both accept, status, body and the fate of the connection agree. It
/// is handed exactly the bytes that the reader took for the response: a boundary that it sees later makes it ask for a byte that does not come, which the connection
/// notices, and one that it sees earlier makes the bodies differ or gives the connection up.
/// </summary>
public sealed class HttpClientAgreementTests(ITestOutputHelper output)
{
    private const string Second = "HTTP/1.1 299 Second\r\nContent-Length: 0\r\n\r\n";

    /// <summary>Nothing is waited for: this only names the response at which something hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

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

    [Theory]
    [InlineData("content-length", false)]
    [InlineData("content-length", true)]
    [InlineData("chunked-extensions-trailers", false)]
    [InlineData("chunked-quoted-extension", true)]
    [InlineData("continue-twice", false)]
    [InlineData("early-hints", false)]
    [InlineData("no-content", false)]
    [InlineData("no-content-with-length", false)]
    [InlineData("not-modified", false)]
    [InlineData("http10-keep-alive", false)]
    [InlineData("http10-until-close", false)]
    [InlineData("http11-until-close", false)]
    [InlineData("folded-header", false)]
    [InlineData("transfer-encoding-empty-member", false)]
    public async Task Response_OfEachFraming_IsAcceptedByBothAndReadAlike(string name, bool isHead)
    {
        var (problem, bothAccept) = await CompareAsync(ResponseCorpus.All.Single(response => response.Name == name).Bytes, isHead);
        Assert.Null(problem);
        Assert.True(bothAccept);
    }

    /// <summary>The comparison itself: a reader that took too little, or too much, for the response would be noticed.</summary>
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "it asks for more than the reader took")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "it asks for more than the reader took")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell", "a body of 4 bytes, the reader's has 5")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world", "it gives up the connection that the reader would use again")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello", "status 201, the reader's is 200")]
    public async Task Response_ReadDifferently_IsAProblem(string response, string expected)
    {
        var reader = Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"u8, isHead: false, out _, out _, out _);
        var (problem, _) = await CompareAsync(reader, Encoding.Latin1.GetBytes(response), endsWithConnection: false, isHead: false);
        Assert.Equal(expected, problem);
    }

    [Fact]
    public Task Response_Mutated_IsReadAlikeWhereBothAcceptIt() => CompareMutatedAsync(4_000);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Response_OfAHundredThousandMutated_IsReadAlikeWhereBothAcceptIt() => CompareMutatedAsync(ResponseMutator.Count(100_000));

    private async Task CompareMutatedAsync(int count)
    {
        var seed = Seed.Printed(output);
        var mutator = new ResponseMutator(seed);
        var accepted = 0;
        for (var run = 0; run < count; run++)
        {
            var bytes = mutator.Next().ToArray();
            var (problem, bothAccept) = await CompareAsync(bytes, isHead: run % 16 == 0);
            Assert.True(problem is null, $"HEADROOM_TEST_SEED={seed}, response {run}: {problem}\n{Encoding.Latin1.GetString(bytes)}");
            accepted += bothAccept ? 1 : 0;
        }

        output.WriteLine($"{accepted} of {count} accepted by both");
        Assert.True(accepted > count / 10);
    }

    private static ResponseReader Read(ReadOnlySpan<byte> bytes, bool isHead, out ReadState state, out int consumed, out bool endsWithConnection)
    {
        var reader = new ResponseReader();
        reader.Begin(new RequestImage { Bytes = ReadOnlyMemory<byte>.Empty, OriginIndex = 0, Row = 0, IsHead = isHead, Capture = Capture.Body }, 1 << 20);
        state = reader.Feed(bytes, out consumed);
        endsWithConnection = state == ReadState.NeedMore;
        if (endsWithConnection)
            state = reader.EndOfStream();
        return reader;
    }

    private static async Task<(string? Problem, bool BothAccept)> CompareAsync(byte[] bytes, bool isHead)
    {
        var reader = Read(bytes, isHead, out var state, out var consumed, out var endsWithConnection);
        return state == ReadState.Done ? await CompareAsync(reader, bytes[..consumed], endsWithConnection, isHead) : (null, false);
    }

    private static async Task<(string? Problem, bool BothAccept)> CompareAsync(ResponseReader reader, byte[] taken, bool endsWithConnection, bool isHead)
    {
        var connections = new List<MemoryConnection>();
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = (_, _) =>
            {
                var connection = new MemoryConnection(connections.Count == 0 ? taken : Encoding.Latin1.GetBytes(Second), endsWithConnection);
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
        catch (HttpRequestException) when (connections is [{ IsStarved: true }, ..])
        {
            return ("it asks for more than the reader took", true);
        }
        catch (HttpRequestException)
        {
            // It is stricter than the reader in places, which is no disagreement about where a response ends.
            return (null, false);
        }
        catch (OperationCanceledException)
        {
            return ("it hangs", true);
        }

        connections[0].AllowReadingAhead();
        using var next = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1/");
        using var after = await invoker.SendAsync(next, patience.Token);
        var reused = connections.Count == 1;

        if ((int)after.StatusCode != 299)
            return ($"it reads status {(int)after.StatusCode} out of the next response", true);

        // The reader gives up some connections that the runtime keeps (a length beside a transfer coding, say); never the other way round.
        return reader.KeepAlive && !reused ? ("it gives up the connection that the reader would use again", true) : (null, true);
    }

    /// <summary>
    /// A connection in memory: what is written to it is forgotten, and brings the next response. A read beyond the first response, before the next request, is a
    /// sign that the client has not seen its end; it fails. After the response the client may read ahead, to see whether an idle connection has been closed.
    /// </summary>
    private sealed class MemoryConnection(byte[] first, bool ends) : Stream
    {
        private readonly Queue<byte[]> _responses = new([first, Encoding.Latin1.GetBytes(Second)]);
        private readonly SemaphoreSlim _asked = new(0);
        private ReadOnlyMemory<byte> _rest;
        private bool _hasAnswered;
        private volatile bool _mayReadAhead;

        public bool IsStarved { get; private set; }

        public void AllowReadingAhead() => _mayReadAhead = true;

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
                if (_hasAnswered && !_mayReadAhead)
                {
                    IsStarved = true;
                    throw new IOException("There is no more of this response.");
                }

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
