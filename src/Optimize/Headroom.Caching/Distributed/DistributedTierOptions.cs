using System.ComponentModel.DataAnnotations;

namespace Headroom.Caching;

/// <summary>How the second tier is used. Every request works without it: what it cannot do in time is a miss.</summary>
public sealed class DistributedTierOptions
{
    /// <summary>Begins every name in the store, so that several applications can share one. At most 64 characters. Default <c>headroom:</c>.</summary>
    [Required(AllowEmptyStrings = true)]
    [StringLength(64)]
    public string KeyPrefix { get; set; } = "headroom:";

    /// <summary>How long a read may take; after that it is a miss. 1 ms to 1 min, default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a write or an invalidation may take; an invalidation is tried again later. 1 ms to 1 min, default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Failures in a row after which the store is not asked for <see cref="OpenFor"/>. 1 to 1,000, default 5.</summary>
    [Range(1, 1000)]
    public int FailuresToOpen { get; set; } = 5;

    /// <summary>How long a store that failed is left alone; then one request tries. Also how often invalidations that could not be sent are tried again. 10 ms to 10 min, default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan OpenFor { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Values longer than this are compressed (Brotli) where that saves an eighth; null: none. 0 to 1 GiB, default 4 KiB.</summary>
    [Range(0, 1 << 30)]
    public int? CompressAboveBytes { get; set; } = 4096;

    /// <summary>Longer values stay out of the store, and are not read from it. 1 KiB to 1 GiB, default 16 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int ValueBytesMax { get; set; } = 16 << 20;

    /// <summary>The longest that an entry lives in the store, staleness included; longer lives are cut to it. Markers of invalidations live as long. 1 min to 90 days, default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan EntryLifeMax { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long a node may go by the marker of a tag that it has read: so long may a value be served after another node invalidated its tag, where the store does not push changes. 0 to 1 h,
    /// default 1 s; 0 asks every time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TagRefresh { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// By how much the clocks of two nodes may differ. A tag that only a result names, and that was invalidated later than this before the computation began, keeps the result out of the store.
    /// 0 to 10 min, default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ClockSkewMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Invalidations that are kept while the store is away; beyond it they become one that ends every entry. 1 to 1,000,000, default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int PendingInvalidationsMax { get; set; } = 10_000;

    /// <summary>A copy whose keys begin otherwise.</summary>
    internal DistributedTierOptions WithPrefix(string prefix)
    {
        var copy = (DistributedTierOptions)MemberwiseClone();
        copy.KeyPrefix = prefix;
        return copy;
    }
}
