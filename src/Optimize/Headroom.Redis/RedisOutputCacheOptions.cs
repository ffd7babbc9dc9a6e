namespace Headroom.Redis;

/// <summary>How the store of ASP.NET Core's output cache names its keys.</summary>
public sealed class RedisOutputCacheOptions
{
    /// <summary>Stands before every key. Default <c>output:</c>. Applications that share a Redis need different ones; instances of one application the same.</summary>
    public string KeyPrefix { get; set; } = "output:";
}
