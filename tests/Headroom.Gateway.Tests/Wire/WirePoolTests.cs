using System.Text;
using Headroom.Gateway.Wire;
using Headroom.Testing;

namespace Headroom.Gateway.Tests.Wire;

public sealed class WirePoolTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    /// <summary>Bytes behind an answer, a body of an answer to HEAD for one, are the answer to nobody's request.</summary>
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData("")]
    public async Task Return_UpstreamSaidMoreOrClosed_OneWhoWaitsGetsAnotherConnection(string more)
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            if (conversation.Number > 1)
                await Task.Delay(Timeout.Infinite, conversation.Stop);
            await conversation.ReadExactlyAsync(1);
            if (more.Length == 0)
                return;
            await conversation.SendAsync(more);
            await Task.Delay(Timeout.Infinite, conversation.Stop);
        });
        using var pool = Pool(server.Url);
        var first = await pool.RentAsync(TestContext.Current.CancellationToken);
        var waiting = pool.RentAsync(TestContext.Current.CancellationToken).AsTask();
        await first.SendAsync(Encoding.Latin1.GetBytes("x"), TestContext.Current.CancellationToken);
        while (first.IsQuiet)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        pool.Return(first, reusable: true);

        var second = await waiting;
        Assert.NotSame(first, second);
        Assert.True(second.IsQuiet);
        pool.Return(second, reusable: false);
    }

    [Fact]
    public async Task Return_QuietConnection_IsGivenToOneWhoWaits()
    {
        await using var server = new ScriptedServer(conversation => Task.Delay(Timeout.Infinite, conversation.Stop));
        using var pool = Pool(server.Url);
        var first = await pool.RentAsync(TestContext.Current.CancellationToken);
        var waiting = pool.RentAsync(TestContext.Current.CancellationToken).AsTask();

        pool.Return(first, reusable: true);

        Assert.Same(first, await waiting);
        pool.Return(first, reusable: false);
    }

    /// <summary>Event streams may hold all connections for hours.</summary>
    [Fact]
    public async Task Rent_GivenUp_WaitsNoMore()
    {
        await using var server = new ScriptedServer(conversation => Task.Delay(Timeout.Infinite, conversation.Stop));
        using var pool = Pool(server.Url);
        var first = await pool.RentAsync(TestContext.Current.CancellationToken);
        using var givingUp = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 100).Select(_ => pool.RentAsync(givingUp.Token).AsTask()).ToList();
        var last = pool.RentAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(101, pool.Waiting);

        await givingUp.CancelAsync();
        foreach (var each in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => each);

        Assert.Equal(1, pool.Waiting);
        pool.Return(first, reusable: true);
        Assert.Same(first, await last);
        pool.Return(first, reusable: false);
    }

    private static WirePool Pool(Uri url) => new(url, connectionsMax: 1, Long, Long, Long, TimeProvider.System);
}
