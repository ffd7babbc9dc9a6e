using System.Text;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Gateway.Tests.Wire;

/// <summary>Heads as large as they may be, made to cost as much as they can.</summary>
public sealed class WireAnswerTests
{
    private const int Lines = 10_000;

    /// <summary>What is allocated stays near what the strings need; an array for each line that comes would be 400 MB.</summary>
    private const long AllocatedBytesMax = 20_000_000;

    [Fact]
    public void Write_FieldRepeatedThousandsOfTimes_KeepsAllInOrderAndCopiesThemOnce()
    {
        var bytes = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, Lines).Select(i => $"a:{i % 10}\r\n")) + "b:1\r\n\r\n");
        Assert.True(AnswerHead.TryParse(bytes, out var head));
        var context = new DefaultHttpContext();

        var before = GC.GetAllocatedBytesForCurrentThread();
        WireAnswer.Write(bytes, head, context, new ForwardOptions { Via = null });
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"{i % 10}"), context.Response.Headers["a"]);
        Assert.Equal("1", context.Response.Headers["b"]);
        Assert.InRange(allocated, 0, AllocatedBytesMax);
    }

    [Fact]
    public void TryWriteTrailers_FieldRepeatedThousandsOfTimes_KeepsAllInOrderAndCopiesThemOnce()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, Lines).Select(i => $"a:{i % 10}\r\n")) + "\r\n");
        var context = new DefaultHttpContext();
        var trailers = new Trailers();
        context.Features.Set<IHttpResponseTrailersFeature>(trailers);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var isGood = WireAnswer.TryWriteTrailers(bytes, context.Response);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(isGood);
        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"{i % 10}"), trailers.Fields["a"]);
        Assert.InRange(allocated, 0, AllocatedBytesMax);
    }

    [Fact]
    public void Write_ThousandsOfFieldsNamedInConnection_AreAllTakenAway()
    {
        var names = Enumerable.Range(0, 3000).Select(i => $"n{i}").ToList();
        var bytes = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: {string.Join(',', names)}\r\nconnection: Last\r\n" + string.Concat(names.Select(name => name.ToUpperInvariant() + ":1\r\n")) + "last: 1\r\nb: 1\r\n\r\n");
        Assert.True(AnswerHead.TryParse(bytes, out var head));
        var context = new DefaultHttpContext();

        WireAnswer.Write(bytes, head, context, new ForwardOptions { Via = null });

        Assert.Equal(["b"], context.Response.Headers.Keys);
        // Looked up, not searched through.
        Assert.IsAssignableFrom<IReadOnlySet<string>>(head.Named);
    }

    private sealed class Trailers : IHttpResponseTrailersFeature
    {
        public HeaderDictionary Fields { get; } = [];

        IHeaderDictionary IHttpResponseTrailersFeature.Trailers
        {
            get => Fields;
            set => throw new NotSupportedException();
        }
    }
}
