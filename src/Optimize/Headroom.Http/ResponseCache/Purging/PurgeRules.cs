using System.ComponentModel;
using Headroom.Http.ResponseCache.Stored;

namespace Headroom.Http.ResponseCache.Purging;

internal enum PurgeState : byte
{
    Valid,

    /// <summary>Its time is over.</summary>
    Over,
    Gone,
}

internal enum PurgeKind : byte
{
    Tag,
    Url,
    Prefix,
    All,
}

/// <summary>All responses that match and were asked for at the origin up to a moment are purged.</summary>
/// <param name="At">Milliseconds since 1970 on the clock of the node that purged.</param>
/// <param name="Kind">What the text is.</param>
/// <param name="Text">A tag, a URL or its beginning.</param>
/// <param name="IsSoft">Over, not gone.</param>
/// <param name="Node">Who purged: on other nodes the clocks may differ.</param>
internal sealed record PurgeRule(long At, PurgeKind Kind, string Text, bool IsSoft, string Node)
{
    public bool Matches(StoredHead head, string thisNode)
    {
        var margin = Node == thisNode && !head.IsOfOtherNode ? 0 : PurgeRules.ClockSkewMs;
        return head.Requested <= At + margin && Kind switch
        {
            PurgeKind.Tag => head.Tags.Contains(Text, StringComparer.Ordinal),
            PurgeKind.Url => head.Url == Text,
            PurgeKind.Prefix => head.Url.StartsWith(Text, StringComparison.Ordinal),
            _ => true,
        };
    }
}

/// <summary>The rules as they are shared with other nodes: one value in the cache.</summary>
[ImmutableObject(true)]
internal sealed class PurgeList(PurgeRule[] rules)
{
    public PurgeRule[] Rules { get; } = rules;
}

/// <summary>
/// The purges that cannot be done by removing keys: soft ones, and those by prefix, for what only other nodes or the store have. A look-up compares the response with the rules that are younger than it; while there are none,
/// which is nearly always, it looks at one field.
/// </summary>
internal sealed class PurgeRules(TimeProvider time)
{
    /// <summary>By how much the clocks of nodes may differ.</summary>
    public const long ClockSkewMs = 2_000;

    const int Most = 1_000;

    readonly Lock gate = new();
    volatile PurgeRule[] rules = [];

    public string Node { get; } = System.Security.Cryptography.RandomNumberGenerator.GetHexString(12);

    public bool IsEmpty => rules.Length == 0;

    public PurgeRule[] Current => rules;

    public PurgeState StateOf(StoredHead head)
    {
        var state = PurgeState.Valid;
        foreach (var rule in rules)
        {
            if (!rule.Matches(head, Node))
                continue;
            if (!rule.IsSoft)
                return PurgeState.Gone;
            state = PurgeState.Over;
        }

        return state;
    }

    public void Add(PurgeKind kind, string text, bool isSoft) => Merge([new PurgeRule(time.GetUtcNow().ToUnixTimeMilliseconds(), kind, text, isSoft, Node)]);

    /// <summary>Takes in what others have; true: this node has more than they.</summary>
    public bool Merge(PurgeRule[] others)
    {
        lock (gate)
        {
            // The latest of those that say the same is enough.
            var oldest = time.GetUtcNow().ToUnixTimeMilliseconds() - (long)ResponseCacheOptions.Longest.TotalMilliseconds;
            PurgeRule[] merged = [.. rules.Concat(others).Where(rule => rule.At > oldest).GroupBy(rule => (rule.Kind, rule.Text, rule.IsSoft)).Select(same => same.MaxBy(rule => rule.At)!).OrderByDescending(rule => rule.At)];

            // Rather purge too much than too little: the oldest become one that is about everything before them.
            if (merged.Length > Most)
                merged = [.. merged[..(Most - 1)], merged[Most - 1] with { Kind = PurgeKind.All, Text = "", IsSoft = false }];
            rules = merged;
            return merged.Length > others.Length || merged.Except(others).Any();
        }
    }
}
