using System.Threading.RateLimiting;
using Headroom.Http.Concurrency;
using Headroom.Testing;

namespace Headroom.Http.Tests.Concurrency;

public sealed class ConcurrencyGateTests(ITestOutputHelper output)
{
    readonly ManualTime time = new();

    [Fact]
    public async Task EnterAsync_NoRoom_WaitsUntilAPermitIsGivenBack()
    {
        var gate = Gate(limit: 2, queue: 5);
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        Assert.False(gate.TryEnter(ShedLevel.Ordinary));
        var waiting = Enter(gate);
        Assert.False(waiting.IsCompleted);
        Assert.Equal((2, 1), (gate.InFlight, gate.Queued));
        gate.Leave();
        Assert.Equal(Admission.Granted, await waiting);
        Assert.Equal((2, 0), (gate.InFlight, gate.Queued));
    }

    [Theory]
    [InlineData(QueueProcessingOrder.OldestFirst, "abc")]
    [InlineData(QueueProcessingOrder.NewestFirst, "cba")]
    public async Task Leave_SeveralWait_ServesThemInTheirOrder(QueueProcessingOrder order, string expected)
    {
        var gate = Gate(limit: 1, queue: 5, order);
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        var waiting = new[] { Enter(gate), Enter(gate), Enter(gate) };
        var served = "";
        for (var i = 0; i < waiting.Length; i++)
        {
            gate.Leave();
            await Task.WhenAny(waiting.Where((_, index) => !served.Contains((char)('a' + index), StringComparison.Ordinal)));
            served += (char)('a' + Array.FindIndex(waiting, each => each.IsCompleted && !served.Contains((char)('a' + Array.IndexOf(waiting, each)), StringComparison.Ordinal)));
        }

        Assert.Equal(expected, served);
    }

    [Fact]
    public async Task Leave_WaitersOfSeveralLevels_ServesTheMostImportantFirst()
    {
        var gate = Gate(limit: 1, queue: 5);
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        var ordinary = Enter(gate);
        var preferred = Enter(gate, ShedLevel.Preferred);
        var last = Enter(gate, ShedLevel.Last);
        foreach (var (next, others) in new[] { (last, new[] { preferred, ordinary }), (preferred, [ordinary]), (ordinary, []) })
        {
            gate.Leave();
            Assert.Equal(Admission.Granted, await next);
            Assert.All(others, other => Assert.False(other.IsCompleted));
        }
    }

    [Theory]
    [InlineData(QueueProcessingOrder.OldestFirst, 2, "..D")]
    [InlineData(QueueProcessingOrder.OldestFirst, 1, "..D")]
    [InlineData(QueueProcessingOrder.OldestFirst, 0, "...F")]
    [InlineData(QueueProcessingOrder.NewestFirst, 0, "..D")]
    public async Task EnterAsync_QueueFull_DisplacesTheLeastImportant(QueueProcessingOrder order, int arriving, string expected)
    {
        var gate = Gate(limit: 1, queue: 3, order);
        Assert.True(gate.TryEnter(ShedLevel.Last));
        Task<Admission>[] waiting = [Enter(gate, ShedLevel.Preferred), Enter(gate), Enter(gate, ShedLevel.First)];
        var arrived = Enter(gate, (ShedLevel)arriving);
        await Task.WhenAny([.. waiting, arrived, Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)]);
        var outcomes = string.Concat(waiting.Append(arrived).Select(each => !each.IsCompleted ? '.' : each.Result == Admission.Displaced ? 'D' : 'F'));
        Assert.Equal(expected, outcomes.TrimEnd('.').PadRight(expected.Length, '.'));
        Assert.Equal(3, gate.Queued);
    }

    [Fact]
    public async Task EnterAsync_TimeIsOver_LeavesTheQueueWithoutAPermit()
    {
        var gate = Gate(limit: 1, queue: 3);
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        var waiting = Enter(gate);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Admission.TimedOut, await waiting);
        Assert.Equal((1, 0), (gate.InFlight, gate.Queued));
        gate.Leave();
        Assert.Equal(0, gate.InFlight);
    }

    [Fact]
    public async Task EnterAsync_ClientLeaves_LeavesTheQueueWithoutAPermit()
    {
        var gate = Gate(limit: 1, queue: 3);
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        using var client = new CancellationTokenSource();
        var waiting = gate.EnterAsync(ShedLevel.Ordinary, client.Token).AsTask();
        await client.CancelAsync();
        Assert.Equal(Admission.Left, await waiting);
        Assert.Equal(Admission.Left, await gate.EnterAsync(ShedLevel.Ordinary, client.Token));
        Assert.Equal((1, 0), (gate.InFlight, gate.Queued));
    }

    [Fact]
    public void TryEnter_ShedFirst_TakesItsShareOnly()
    {
        var gate = Gate(limit: 10, queue: 0);
        for (var i = 0; i < 8; i++)
            Assert.True(gate.TryEnter(ShedLevel.First));
        Assert.False(gate.TryEnter(ShedLevel.First));
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        Assert.False(gate.TryEnter(ShedLevel.Last));
        Assert.True(Gate(limit: 1, queue: 0).TryEnter(ShedLevel.First));
    }

    [Fact]
    public async Task TryEnter_ShedFirstWaits_DoesNotHoldUpOthersWhileThereIsRoom()
    {
        var gate = Gate(limit: 10, queue: 5);
        for (var i = 0; i < 8; i++)
            Assert.True(gate.TryEnter(ShedLevel.First));
        var waiting = Enter(gate, ShedLevel.First);
        Assert.True(gate.TryEnter(ShedLevel.Ordinary));
        gate.Leave();
        Assert.False(waiting.IsCompleted);
        gate.Leave();
        Assert.Equal(Admission.Granted, await waiting);
    }

    /// <summary>Whatever grants, timeouts, clients that leave, displacement and given-back permits meet in which moment: never more in flight than the limit, and in the end nothing is.</summary>
    [Theory]
    [InlineData(QueueProcessingOrder.OldestFirst)]
    [InlineData(QueueProcessingOrder.NewestFirst)]
    public async Task Permits_UnderRandomCancellation_AreAllBackInTheEnd(QueueProcessingOrder order)
    {
        const int Limit = 3;
        var seed = Seed.Printed(output);
        for (var run = 0; run < 20; run++)
        {
            var gate = new ConcurrencyGate(new ConcurrencyPolicy { Limit = Limit, Queue = 6, QueueTimeout = TimeSpan.FromMilliseconds(2), Order = order }, TimeProvider.System);
            var most = 0;
            var outcomes = new int[5];
            await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(
                async () =>
                {
                    var random = new Random(unchecked(seed + (run * 100) + worker));
                    for (var i = 0; i < 60; i++)
                    {
                        using var client = new CancellationTokenSource();
                        if (random.Next(3) == 0)
                            client.CancelAfter(random.Next(4));
                        var asked = gate.EnterAsync((ShedLevel)random.Next(5), client.Token);
                        if (random.Next(4) == 0)
                            await client.CancelAsync();
                        var admission = await asked;
                        Interlocked.Increment(ref outcomes[(int)admission]);
                        if (admission != Admission.Granted)
                            continue;
                        InterlockedMax(ref most, gate.InFlight);
                        if (random.Next(2) == 0)
                            await Task.Delay(random.Next(2));
                        gate.Leave();
                    }
                },
                TestContext.Current.CancellationToken)));
            Assert.True(gate.InFlight == 0 && gate.Queued == 0 && most <= Limit, $"HEADROOM_TEST_SEED={seed}, run {run}: {gate.InFlight} in flight and {gate.Queued} queued in the end, {most} at most.");
            Assert.True(outcomes.All(count => count > 0), $"HEADROOM_TEST_SEED={seed}, run {run}: not every outcome occurred: {string.Join(' ', outcomes)}.");
            for (var i = 0; i < Limit; i++)
                Assert.True(gate.TryEnter(ShedLevel.Ordinary));
            Assert.False(gate.TryEnter(ShedLevel.Ordinary));
        }
    }

    static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            if (Interlocked.CompareExchange(ref most, value, seen) == seen)
                return;
        }
    }

    static Task<Admission> Enter(ConcurrencyGate gate, ShedLevel level = ShedLevel.Ordinary) => gate.EnterAsync(level, TestContext.Current.CancellationToken).AsTask();

    ConcurrencyGate Gate(int limit, int queue, QueueProcessingOrder order = QueueProcessingOrder.OldestFirst) => new(new ConcurrencyPolicy { Limit = limit, Queue = queue, Order = order }, time);
}
