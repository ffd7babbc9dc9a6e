using System.Text;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Connections;

/// <summary>Replies of all kinds and sizes through a network that delivers them in pieces of any size.</summary>
public sealed class PiecesTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 2_000)]
    [InlineData(7, 20_000)]
    [InlineData(1500, 300_000)]
    [InlineData(9000, 300_000)]
    public async Task Replies_InPieces_EachWholeAndAtItsCaller(int pieceMostBytes, int valueMostBytes)
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port) { PieceMostBytes = pieceMostBytes };
        await using var direct = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000", Cancellation);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},asyncTimeout=60000,livenessTimeout=60000", Cancellation);
        var changed = new Counter();
        using var listening = client.Listen(changed);
        await Wait.UntilAsync(() => client.IsTracking, "tracking");

        var random = new Random(pieceMostBytes);
        var values = Enumerable.Range(0, 12).Select(number => new byte[number % 3 == 0 ? random.Next(valueMostBytes) : random.Next(100)]).ToArray();
        for (var number = 0; number < values.Length; number++)
        {
            random.NextBytes(values[number]);
            await direct.SetAsync($"value:{number}", values[number], cancellationToken: Cancellation);
            await direct.HashSetAsync("hash", $"field:{number}", values[number], Cancellation);
        }

        RedisArgument[] keys = [.. values.Select((_, number) => (RedisArgument)$"value:{number}")];
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async caller =>
        {
            for (var round = 0; round < 6; round++)
            {
                var number = (caller + (round * 5)) % values.Length;
                using (var value = await client.GetAsync(keys[number], Cancellation))
                    Assert.True(value.Span.SequenceEqual(values[number]));
                if (round == caller)
                {
                    var all = await client.GetManyAsync(keys, Cancellation);
                    Assert.All(all.Zip(values), pair => Assert.True(pair.First.Span.SequenceEqual(pair.Second)));
                    var fields = await client.HashGetAllAsync("hash", Cancellation);
                    Assert.All(values.Select((value, index) => (value, index)), pair => Assert.True(fields[$"field:{pair.index}"].AsSpan().SequenceEqual(pair.value)));
                }

                await direct.IncrementAsync($"changed:{caller}", cancellationToken: Cancellation);
                Assert.True(await client.IncrementAsync($"own:{caller}", cancellationToken: Cancellation) > 0);
                Assert.Equal("ERR", (await Assert.ThrowsAsync<RedisServerException>(async () => await client.ExecuteAsync("NOSUCH"))).Code);
            }
        }));
        await Wait.UntilAsync(() => changed.Of("changed:") == 36, "36 pushes");
        Assert.Equal(0, changed.Of("own:"));
    }

    sealed class Counter : IInvalidationListener
    {
        readonly System.Collections.Concurrent.ConcurrentQueue<string> keys = new();

        public int Of(string prefix) => keys.Count(key => key.StartsWith(prefix, StringComparison.Ordinal));

        public void Changed(ReadOnlySpan<byte> key) => keys.Enqueue(Encoding.UTF8.GetString(key));

        public void AllMayBeStale(InvalidationReason reason)
        {
        }

        public void Tracking()
        {
        }
    }
}
