using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests;

[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>Alone, because other tests' allocations would count.</summary>
[Collection("Alone")]
public sealed class RedisClientAllocationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(3)]
    [InlineData(50_000)]
    [InlineData(1_000_000)]
    public Task Get_Repeated_AllocatesNothingToSpeakOf(int size) =>
        // Away from the runner's synchronization context, which allocates for each await.
        Task.Run(() => MeasureAsync(size));

    async Task MeasureAsync(int size)
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000", TestContext.Current.CancellationToken);
        await client.SetAsync("key", new byte[size], cancellationToken: TestContext.Current.CancellationToken);
        var rounds = size > 100_000 ? 200 : 2000;
        await ReadAsync(client, rounds, size);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await ReadAsync(client, rounds, size);
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)rounds;
        output.WriteLine($"{each:0.0} bytes a GET of {size}");
        // What the keep-alive and the pool of arrays cost now and then.
        Assert.InRange(each, 0, 16 + (size * 0.02));
    }

    static async Task ReadAsync(RedisClient client, int rounds, int size)
    {
        for (var round = 0; round < rounds; round++)
        {
            using var value = await client.GetAsync("key");
            Assert.True(value.Length == size);
        }
    }
}
