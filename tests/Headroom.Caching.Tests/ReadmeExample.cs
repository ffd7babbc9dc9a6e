using Headroom.Caching;

namespace Headroom.Examples;

/// <summary>The example of the package's README, to the letter.</summary>
internal static class ReadmeExample
{
    public static void Run()
    {
        using var cache = new LocalCache(new LocalCacheOptions { MaxEntries = 50_000 });
        cache.Set("user:7", "Ada", TimeSpan.FromMinutes(1), tags: ["users"]);
        if (cache.TryGet<string>("user:7", out var name))
            Console.WriteLine(name);
        cache.RemoveByTag("users");
    }
}
