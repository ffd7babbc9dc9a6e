using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>What one call asks for: the cache's options and what the call itself says.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryPlan(TimeSpan Expiration, TimeSpan? LocalExpiration, HybridCacheEntryFlags Flags)
{
    public bool ReadsLocal => !Flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);

    public bool WritesLocal => !Flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite);

    public bool ReadsDistributed => !Flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead);

    public bool WritesDistributed => !Flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    public bool MayCreate => !Flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData);

    public static EntryPlan Of(CacheOptions options, HybridCacheEntryOptions? given)
    {
        if (given is null)
            return new EntryPlan(options.Expiration, options.LocalExpiration, HybridCacheEntryFlags.None);
        return new EntryPlan(
            given.Expiration is { } expiration ? Expirations.Checked(expiration, nameof(options)) : options.Expiration,
            given.LocalCacheExpiration is { } local ? Expirations.Checked(local, nameof(options)) : options.LocalExpiration,
            given.Flags ?? HybridCacheEntryFlags.None);
    }
}
