using Headroom.Redis.Connections;

namespace Headroom.Redis.Tests.Connections;

public sealed class PendingQueueTests
{
    [Fact]
    public async Task Take_ManyAddOneTakesAndOneTimesOut_OrderOfEachKeptAndNoneLost()
    {
        const int Adders = 4;
        const int Each = 20_000;
        var gate = new Lock();
        var queue = new PendingQueue(gate);
        var added = new List<Operation>();
        using var stop = new CancellationTokenSource();
        var timing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                lock (gate)
                    queue.TimeOut(0, _ => new RedisTimeoutException("never"));
            }
        });
        var adding = Task.WhenAll(Enumerable.Range(0, Adders).Select(_ => Task.Run(() =>
        {
            for (var number = 0; number < Each; number++)
            {
                var operation = Operation<bool, AnyShape>.Rent(long.MaxValue, Timeout.InfiniteTimeSpan, CancellationToken.None);
                lock (gate)
                {
                    queue.Add(operation);
                    added.Add(operation);
                }
            }
        })));
        var taken = new List<Operation>();
        while (taken.Count < Adders * Each)
        {
            if (queue.Take() is { } operation)
                taken.Add(operation);
        }

        await adding;
        await stop.CancelAsync();
        await timing;
        Assert.Null(queue.Take());
        Assert.Equal(0, queue.Count);
        Assert.True(added.SequenceEqual(taken, ReferenceEqualityComparer.Instance as IEqualityComparer<Operation>));
    }

    [Fact]
    public async Task TimeOut_OnlyThoseWhoseTimeIsOver_PlacesKept()
    {
        var queue = new PendingQueue(new Lock());
        var early = Operation<bool, AnyShape>.Rent(10, TimeSpan.FromMilliseconds(10), CancellationToken.None);
        var late = Operation<bool, AnyShape>.Rent(20, TimeSpan.FromMilliseconds(20), CancellationToken.None);
        var (earlyTask, lateTask) = (early.Task.AsTask(), late.Task.AsTask());
        queue.Add(early);
        queue.Add(late);
        Assert.Equal(10, queue.TimeOut(9, Exception));
        Assert.Equal(20, queue.TimeOut(10, Exception));
        await Assert.ThrowsAsync<RedisTimeoutException>(() => earlyTask);
        // Its late reply goes to nobody, and the next one to whom it belongs.
        Assert.Same(early, queue.Take());
        early.Reply("+OK\r\n"u8);
        queue.Take()!.Reply("+OK\r\n"u8);
        Assert.True(await lateTask);

        static Exception Exception(Operation operation) => new RedisTimeoutException($"after {operation.Timeout.TotalMilliseconds} ms");
    }
}
