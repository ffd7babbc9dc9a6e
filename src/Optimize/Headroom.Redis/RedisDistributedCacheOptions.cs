namespace Headroom.Redis;

/// <summary>How the distributed cache names its keys.</summary>
public sealed class RedisDistributedCacheOptions
{
    /// <summary>Stands before every key, so that several applications share a Redis. Default none. As <c>InstanceName</c> of Microsoft's Redis cache; with the same value both read each other's entries.</summary>
    public string InstanceName { get; set; } = "";
}
