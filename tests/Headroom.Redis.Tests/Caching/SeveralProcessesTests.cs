using System.Diagnostics;
using System.Globalization;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Caching;

/// <summary>
/// Two and three processes of an application, each with its own memory. Lives are ten minutes, so what is seen sooner was told. The times that are asserted only tell a hang; what was measured is printed,
/// and <see cref="Write_ThroughOneProcess_IsSeenByAllWithinFiftyMilliseconds"/> holds it against the goal.
/// </summary>
public sealed class SeveralProcessesTests(ITestOutputHelper output)
{
    const int Keys = 20;
    static readonly string[] Ways = ["set", "remove", "tag"];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Write_ThroughOneProcess_IsSeenByAll(int count)
    {
        var seen = await MeasureAsync(count, rounds: 150);
        Assert.InRange(seen[^1], 0, 10_000);
    }

    /// <summary>On a machine that has other things to do a process may not run for 50 ms at all: the best of three.</summary>
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Write_ThroughOneProcess_IsSeenByAllWithinFiftyMilliseconds(int count)
    {
        var best = double.MaxValue;
        for (var attempt = 0; attempt < 3 && best > 50; attempt++)
            best = Math.Min(best, Percentile(await MeasureAsync(count, rounds: 1_000), 0.99));
        Assert.InRange(best, 0, 50);
    }

    [Fact]
    public async Task Cut_FromRedis_WhatWasWrittenMeanwhileIsSeenAtOnceOnReconnect()
    {
        await using var cache = await RedisServer.StartAsync();
        await using var database = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(cache.Port);
        await using var writer = await CacheNodeProcess.StartAsync(cache.Endpoint, database.Endpoint);
        await using var reader = await CacheNodeProcess.StartAsync(proxy.Endpoint, database.Endpoint);
        var waits = new List<double>();
        for (var round = 0; round < 10; round++)
        {
            var key = $"cut{round}";
            await reader.ReadAsync(key);
            proxy.Refuse = true;
            proxy.CutAll();

            // The loss ends what memory has: the database is asked, although nobody can tell this node of the write.
            await Wait.UntilAsync(async () => !await reader.IsTrackingAsync(), "the loss");
            var first = await writer.WriteAsync(key, Ways[round % 3]);
            Assert.Equal(first.Value, await reader.ReadAsync(key));

            // From now on memory has that, and this write is not told either.
            var second = await writer.WriteAsync(key, Ways[round % 3]);
            proxy.Refuse = false;
            var accepted = proxy.Accepted;
            await Wait.UntilAsync(() => proxy.Accepted > accepted, "the next attempt");
            var begin = Stopwatch.GetTimestamp();
            var seen = await reader.UntilAsync(key, second.Value);
            waits.Add(Stopwatch.GetElapsedTime(begin, seen).TotalMilliseconds);
            await Wait.UntilAsync(reader.IsTrackingAsync, "tracking again");
        }

        waits.Sort();
        output.WriteLine($"written while a process was cut off, seen by it after Redis accepted its connection: p50 {waits[waits.Count / 2]:0.0} ms, max {waits[^1]:0.0} ms");
        Assert.InRange(waits[^1], -1_000, 5_000);
    }

    [Fact]
    public async Task Killed_InTheMiddleOfWriting_LeavesNothingStaleAndNothingStuck()
    {
        await using var cache = await RedisServer.StartAsync();
        await using var database = await RedisServer.StartAsync();
        await using var second = await CacheNodeProcess.StartAsync(cache.Endpoint, database.Endpoint);
        await using var third = await CacheNodeProcess.StartAsync(cache.Endpoint, database.Endpoint);
        var random = new Random(Seed.Printed(output));
        var writes = 0;
        for (var round = 0; round < 6; round++)
        {
            await using var victim = await CacheNodeProcess.StartAsync(cache.Endpoint, database.Endpoint);
            for (var key = 0; key < Keys; key++)
                await Task.WhenAll(second.ReadAsync($"k{key}"), third.ReadAsync($"k{key}"));
            victim.Hammer(Keys);
            await Task.Delay(random.Next(20, 300));
            await victim.KillAsync();

            // What the process was told to have done is seen by all; the one write that it was at may be or not, but is no obstacle.
            foreach (var done in victim.Hammered.Select(line => line.Split(' ')).Where(words => words[0] == "done"))
            {
                writes++;
                foreach (var node in new[] { second, third })
                    await node.UntilAsync(done[1], long.Parse(done[2], CultureInfo.InvariantCulture));
            }

            for (var key = 0; key < Keys; key++)
            {
                var name = $"k{key}";
                var written = await (key % 2 == 0 ? second : third).WriteAsync(name, Ways[key % 3]);
                await Task.WhenAll(second.UntilAsync(name, written.Value), third.UntilAsync(name, written.Value));
            }
        }

        output.WriteLine($"6 processes killed while writing, {writes} writes done; all seen");
        Assert.True(writes > 50, $"only {writes} writes");
    }

    async Task<List<double>> MeasureAsync(int count, int rounds)
    {
        await using var cache = await RedisServer.StartAsync();
        await using var database = await RedisServer.StartAsync();
        var nodes = new List<CacheNodeProcess>();
        try
        {
            for (var node = 0; node < count; node++)
                nodes.Add(await CacheNodeProcess.StartAsync(cache.Endpoint, database.Endpoint));
            List<double> afterReturn = [];
            List<double> afterBegin = [];
            for (var round = -20; round < rounds; round++)
            {
                var key = $"k{(round + Keys) % Keys}";
                var values = await Task.WhenAll(nodes.Select(node => node.ReadAsync(key)));
                Assert.All(values, value => Assert.Equal(values[0], value));
                var writer = nodes[(round + Keys) % count];
                var seeing = Task.WhenAll(nodes.Where(node => node != writer).Select(node => node.UntilAsync(key, values[0] + 1)));
                var written = await writer.WriteAsync(key, Ways[(round + Keys) % 3]);
                var seen = await seeing;
                Assert.Equal(written.Value, await writer.ReadAsync(key));
                if (round < 0)
                    continue;
                afterReturn.Add(Math.Max(0, Stopwatch.GetElapsedTime(written.Returned, seen.Max()).TotalMilliseconds));
                afterBegin.Add(Stopwatch.GetElapsedTime(written.Began, seen.Max()).TotalMilliseconds);
            }

            afterReturn.Sort();
            afterBegin.Sort();
            output.WriteLine($"{count} processes, {rounds} writes, seen by all others after the write returned: p50 {Percentile(afterReturn, 0.5):0.0} ms, p99 {Percentile(afterReturn, 0.99):0.0} ms, max {afterReturn[^1]:0.0} ms; after it began (database included): p50 {Percentile(afterBegin, 0.5):0.0} ms, p99 {Percentile(afterBegin, 0.99):0.0} ms");
            return afterReturn;
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    static double Percentile(List<double> sorted, double share) => sorted[(int)Math.Ceiling(sorted.Count * share) - 1];
}
