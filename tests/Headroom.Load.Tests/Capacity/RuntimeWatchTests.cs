using Headroom.Load.Capacity;
using Headroom.Load.Target;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Capacity;

public sealed class RuntimeWatchTests
{
    [Fact]
    public void UsageOf_SeveralLooks_IsTheShareOfPausesTheHighestHeapAndTheMedianQueue() =>
        Assert.Equal(
            new RuntimeUsage(0.25, 300, 5),
            RuntimeWatch.UsageOf([new(10, 1, 100, 0), new(11, 1.3, 300, 900), new(14, 2, 200, 5)]));

    [Fact]
    public void UsageOf_ProcessThatWasStartedAnew_HasNoShare() => Assert.Null(RuntimeWatch.UsageOf([new(10, 5, null, null), new(11, 0.1, null, null)]).GcPauseShare);

    [Fact]
    public void UsageOf_OneLookOrNone_HasNoShare()
    {
        Assert.Equal(new RuntimeUsage(null, 7, 2), RuntimeWatch.UsageOf([new(10, 5, 7, 2)]));
        Assert.Equal(new RuntimeUsage(null, null, null), RuntimeWatch.UsageOf([]));
    }

    /// <summary>A target that is overloaded may answer the metrics late or never: no step waits for that.</summary>
    [Fact]
    public async Task EndAsync_TargetThatOwesAnAnswer_DoesNotWaitForIt()
    {
        var asked = new TaskCompletionSource();
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            asked.TrySetResult();
            await conversation.ReadRequestAsync();
        });
        using var endpoint = MetricsEndpoint.Create(server.Url, HttpVersionChoice.Http11, new LoadOptions(), []);
        await using var watch = RuntimeWatch.Start(endpoint, TimeProvider.System);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(new RuntimeUsage(null, null, null), await watch.EndAsync());
    }

    [Theory]
    [InlineData("dotnet_thread_pool_queue_length 0\n", true)]
    [InlineData("hello\n", false)]
    [InlineData("dotnet_thread_pool_thread_count 4\n", false)]
    public async Task TellsAnything_Texts_AreKnownByTheirNames(string text, bool expected)
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok(text));
        using var endpoint = MetricsEndpoint.Create(server.Url, HttpVersionChoice.Http11, new LoadOptions(), []);
        Assert.Equal(expected, await RuntimeWatch.TellsAnythingAsync(endpoint, TestContext.Current.CancellationToken));
    }
}
