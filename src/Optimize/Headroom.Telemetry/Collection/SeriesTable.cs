using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Headroom.Telemetry.Collection;

/// <summary>Makes the series of one instrument.</summary>
internal interface ISeriesFactory<out TSeries>
{
    /// <param name="labels">The series' identity; see <see cref="LabelText"/>.</param>
    /// <param name="tags">The tags that it was first recorded with; empty for the overflow series.</param>
    TSeries Create(string labels, ReadOnlySpan<KeyValuePair<string, object?>> tags);
}

/// <summary>
/// Finds the series of a set of tags. Two steps:
/// <list type="number">
/// <item>The tags as given, in any order, are looked up without a lock and without allocation. Every combination that has a series is here,
/// except those with unusual values (long strings, objects other than numbers, booleans and enums).</item>
/// <item>Otherwise their label text is made and looked up, and a series is added if there is none and the limit allows; else the overflow series is
/// taken. Then the combination is remembered for step 1. Adding takes a lock; looking up does not.</item>
/// </list>
/// Both tables are bounded by the limit on series: an attacker's tag values cost at most step 2 each.
/// </summary>
internal sealed class SeriesTable<TSeries>(ISeriesFactory<TSeries> factory, TableLimits limits, KeyValuePair<string, object?>[] fixedTags)
    where TSeries : class
{
    /// <summary>Remembered spellings (200 and "200", other keys with the same name) per series, on average.</summary>
    const int SpellingsPerSeries = 4;

    /// <summary>
    /// Combinations that hash alike; further ones go by text each time. Only keys chosen to be alike (the hash of a key is a cheap one) come to this many.
    /// </summary>
    const int ChainMost = 32;

    readonly Lock gate = new();
    readonly Dictionary<string, TSeries> byText = new(StringComparer.Ordinal);
    volatile Node?[] buckets = new Node?[16];
    int nodeCount;
    TSeries? overflow;
    Row[]? sorted;

    /// <summary>Measurements that went to the overflow series.</summary>
    public StripedSum Overflowed { get; } = new();

    /// <summary>Whether another combination of tags would overflow.</summary>
    public bool IsFull
    {
        get
        {
            lock (gate)
                return byText.Count >= limits.MaxSeries;
        }
    }

    public TSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = TagSet.Hash(tags);
        var seen = buckets;
        for (var node = Volatile.Read(ref seen[hash & (seen.Length - 1)]); node is not null; node = node.Next)
        {
            if (node.Hash == hash && TagSet.Same(node.Tags, tags))
                return node.Series;
        }

        return FindByText(tags, hash);
    }

    /// <summary>All series, sorted by label text; the overflow series is among them.</summary>
    public Row[] Rows()
    {
        lock (gate)
            return sorted ??= Sort();
    }

    /// <summary>Forgets series, so that their places can be taken by others.</summary>
    public void Remove(Predicate<TSeries> unwanted)
    {
        lock (gate)
        {
            var labels = byText.Where(pair => unwanted(pair.Value)).Select(pair => pair.Key).ToArray();
            if (overflow is not null && unwanted(overflow))
                overflow = null;
            else if (labels.Length == 0)
                return;

            foreach (var label in labels)
                byText.Remove(label);
            sorted = null;
            nodeCount = 0;
            buckets = new Node?[16];
        }
    }

    TSeries FindByText(ReadOnlySpan<KeyValuePair<string, object?>> tags, int hash)
    {
        var text = LabelText.Current.Build(fixedTags, tags, limits.MaxLabelValueLength);
        lock (gate)
        {
            if (!TryFind(text, out var series))
            {
                if (byText.Count >= limits.MaxSeries && !text.SequenceEqual(LabelText.Overflow))
                {
                    Overflowed.Add(1);
                    return Overflow();
                }

                series = text.SequenceEqual(LabelText.Overflow) ? Overflow() : Add(text.ToString(), tags);
            }

            if (nodeCount < limits.MaxSeries * SpellingsPerSeries && TagSet.CanBeKept(tags, limits.MaxLabelValueLength))
                Remember(new Node(hash, tags.ToArray(), series));
            return series;
        }
    }

    bool TryFind(ReadOnlySpan<char> text, [NotNullWhen(true)] out TSeries? series) =>
        byText.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out series);

    TSeries Add(string text, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        sorted = null;
        return byText[text] = factory.Create(text, tags);
    }

    TSeries Overflow()
    {
        if (overflow is null)
        {
            sorted = null;
            overflow = factory.Create(LabelText.Overflow, []);
        }

        return overflow;
    }

    void Remember(Node node)
    {
        if (nodeCount >= buckets.Length)
            Grow();
        var target = buckets;
        ref var head = ref target[node.Hash & (target.Length - 1)];
        // Two threads may have missed the same combination; the second finds it here.
        var chain = 0;
        for (var known = head; known is not null; known = known.Next)
        {
            if (++chain >= ChainMost || (known.Hash == node.Hash && TagSet.Same(known.Tags, node.Tags)))
                return;
        }

        nodeCount++;
        Volatile.Write(ref head, node with { Next = head });
    }

    // Nodes are never changed once readers can see them, so a grown table has copies and readers of the old one are undisturbed.
    void Grow()
    {
        var grown = new Node?[buckets.Length * 2];
        foreach (var chain in buckets)
        {
            for (var node = chain; node is not null; node = node.Next)
            {
                ref var head = ref grown[node.Hash & (grown.Length - 1)];
                head = node with { Next = head };
            }
        }

        buckets = grown;
    }

    Row[] Sort()
    {
        var rows = byText.Select(pair => new Row(pair.Key, pair.Value)).ToList();
        if (overflow is not null)
            rows.Add(new Row(LabelText.Overflow, overflow));
        rows.Sort(static (a, b) => string.CompareOrdinal(a.Labels, b.Labels));
        return [.. rows];
    }

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Row(string Labels, TSeries Series);

    sealed record Node(int Hash, KeyValuePair<string, object?>[] Tags, TSeries Series)
    {
        public Node? Next { get; init; }
    }
}

/// <summary>What bounds a <see cref="SeriesTable{TSeries}"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TableLimits(int MaxSeries, int MaxLabelValueLength);
