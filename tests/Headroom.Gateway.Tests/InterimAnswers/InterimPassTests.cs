using System.IO;
using System.IO.Pipelines;
using System.Text;
using Headroom.Gateway.InterimAnswers;
using Microsoft.AspNetCore.Http;

namespace Headroom.Gateway.Tests.InterimAnswers;

/// <summary>Interim answers through a whole gateway.</summary>
public sealed class InterimPassTests
{
    private const string Hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Forward_InterimAnswers_ArePassedWhenTheyCome()
    {
        var wait = new TaskCompletionSource();
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                await conversation.SendAsync(Hints);
                await wait.Task;
                await conversation.SendAsync(Ok);
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var client = await gateway.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var interim = await client.ReadAsync();
        wait.SetResult();
        var final = await client.ReadAsync();

        Assert.Equal(103, interim.Status);
        Assert.Equal("</style.css>; rel=preload", interim.Field("Link"));
        Assert.Equal(200, final.Status);
        Assert.Equal("ok", final.Body);
        Assert.Null(final.Field("Link"));
    }

    /// <summary>The server's own bounds for slow clients know nothing of what is written beside it; the exchange's deadline has to count, on both ways to an upstream.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pass_InterimAnswerToAClientThatDoesNotRead_EndsWithTheDeadline(bool underTheClientLibrary)
    {
        var output = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8));
        var context = new DefaultHttpContext();
        context.Request.Protocol = "HTTP/1.1";
        context.Features.Set(new ClientConnection(output.Writer));
        using var deadline = new CancellationTokenSource();
        var passing = underTheClientLibrary ? ReadAnswerAsync(context, deadline.Token) : InterimPass.Of(context, deadline.Token)!.PassAsync(Encoding.Latin1.GetBytes(Hints)).AsTask();
        Assert.False(passing.IsCompleted);

        await deadline.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => passing.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    /// <summary>As the library does: a request is written, and its answer read without a token.</summary>
    private static async Task ReadAnswerAsync(HttpContext context, CancellationToken deadline)
    {
        InterimPass.Begin(context, deadline);
        using var answer = new AnswerStream(Encoding.Latin1.GetBytes(Hints));
        await using var stream = new InterimStream(answer);
        await stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), CancellationToken.None);
        Assert.NotEqual(0, await stream.ReadAsync(new byte[1024], CancellationToken.None));
    }

    // A body that looks like an interim answer, in a packet of its own, on a connection used again and again, by clients that take interim answers and others.
    [Fact]
    public async Task Forward_BodiesThatLookLikeInterimAnswers_StayBodies()
    {
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                await conversation.SendAsync("HTTP/1.1 102 Processing\r\n\r\n" + Hints + $"HTTP/1.1 200 OK\r\nContent-Length: {Hints.Length}\r\n\r\n");
                await Task.Delay(20, conversation.Stop);
                await conversation.SendAsync(Hints);
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var client = await gateway.ConnectAsync();

        for (var round = 0; round < 5; round++)
        {
            await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
            Assert.Equal(102, (await client.ReadAsync()).Status);
            Assert.Equal(103, (await client.ReadAsync()).Status);
            Assert.Equal(Hints, (await client.ReadAsync()).Body);
            var old = await gateway.SendAsync("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            Assert.Equal(200, old.Status);
            Assert.Equal(Hints, old.Body);
        }

        Assert.InRange(origin.Connections, 1, 2);
    }

    // Cut anywhere, the head is passed once and whole.
    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(40)]
    public async Task Forward_InterimAnswerInPieces_IsPassedWhole(int cut)
    {
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                await conversation.SendAsync(Hints[..cut]);
                await Task.Delay(30, conversation.Stop);
                await conversation.SendAsync(Hints[cut..] + Ok);
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var client = await gateway.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("</style.css>; rel=preload", (await client.ReadAsync()).Field("Link"));
        Assert.Equal("ok", (await client.ReadAsync()).Body);
    }

    /// <summary>Takes what is written, and has an answer to read.</summary>
    private sealed class AnswerStream(byte[] answer) : MemoryStream(answer)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
