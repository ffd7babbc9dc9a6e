using Headroom.Redis.Routing;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Routing;

public sealed class KeySlotTests
{
    [Theory]
    [InlineData("123456789", 0x31c3 % 16384)]
    [InlineData("", 0)]
    [InlineData("foo", 12182)]
    public void Of_KeysOfTheSpecification_TheirSlots(string key, int slot) => Assert.Equal(slot, KeySlot.Of(key));

    [Fact]
    public async Task Of_AnyKey_AsRedisItself()
    {
        await using var server = await RedisServer.StartAsync("--cluster-enabled", "yes");
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000", TestContext.Current.CancellationToken);
        string[] keys = ["a", "{user}:1", "{user}:2", "{}x", "x{}{y}", "{{a}}", "}{a", "a{b", "a{b}c{d}", "€{ü}", new string('k', 2000), .. Enumerable.Range(0, 300).Select(number => $"key:{number * 7919}")];
        foreach (var key in keys)
            Assert.Equal((await client.ExecuteAsync("CLUSTER KEYSLOT", key)).AsInt64(), KeySlot.Of(key));
    }
}
