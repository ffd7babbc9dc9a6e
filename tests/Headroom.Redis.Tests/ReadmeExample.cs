using Headroom.Redis;

namespace Headroom.Examples;

/// <summary>The example of the package's README, but for the address of this run's Redis.</summary>
internal static class ReadmeExample
{
    public static async Task RunAsync(string address, TextWriter Console)
    {
        await using var redis = await RedisClient.ConnectAsync("localhost:6379,name=my-api".Replace("localhost:6379", address, StringComparison.Ordinal));
        await redis.SetAsync("greeting", "hello", TimeSpan.FromMinutes(5));
        using var value = await redis.GetAsync("greeting");
        Console.WriteLine(value.IsNull ? "gone" : $"{value.Length} bytes: {value}");
    }
}
