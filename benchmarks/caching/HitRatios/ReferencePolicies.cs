namespace Headroom.Caching.Benchmarks.HitRatios;

/// <summary>A cache of numbers that only says whether a key was there; a miss puts it in.</summary>
internal interface IPolicy
{
    bool Access(int key);
}

internal sealed class Lru(int capacity) : IPolicy
{
    readonly LinkedList<int> order = new();
    readonly Dictionary<int, LinkedListNode<int>> nodes = [];

    public bool Access(int key)
    {
        if (nodes.TryGetValue(key, out var node))
        {
            order.Remove(node);
            order.AddFirst(node);
            return true;
        }

        if (nodes.Count >= capacity)
        {
            nodes.Remove(order.Last!.Value);
            order.RemoveLast();
        }

        nodes[key] = order.AddFirst(key);
        return false;
    }
}

/// <summary>
/// S3-FIFO (Yang et al., SOSP 2023): a small queue of 10 %, a main queue of 90 % with counters up to 3, and a ghost queue of keys as long as the main one.
/// </summary>
internal sealed class S3Fifo(int capacity) : IPolicy
{
    sealed class Item(int key)
    {
        public readonly int Key = key;
        public int Uses;
    }

    readonly int smallCapacity = capacity / 10;
    readonly Dictionary<int, Item> items = [];
    readonly Queue<Item> small = new();
    readonly Queue<Item> main = new();
    readonly Queue<int> ghosts = new();
    readonly HashSet<int> ghostSet = [];

    public bool Access(int key)
    {
        if (items.TryGetValue(key, out var found))
        {
            found.Uses = Math.Min(found.Uses + 1, 3);
            return true;
        }

        while (items.Count >= capacity)
            Evict();
        var item = items[key] = new Item(key);
        if (ghostSet.Remove(key))
            main.Enqueue(item);
        else
            small.Enqueue(item);
        return false;
    }

    void Evict()
    {
        if (small.Count >= smallCapacity && small.TryDequeue(out var candidate))
        {
            if (candidate.Uses > 1)
            {
                candidate.Uses = 0;
                main.Enqueue(candidate);
                return;
            }

            items.Remove(candidate.Key);
            ghostSet.Add(candidate.Key);
            ghosts.Enqueue(candidate.Key);
            if (ghosts.Count > capacity - smallCapacity)
                ghostSet.Remove(ghosts.Dequeue());
            return;
        }

        var item = main.Dequeue();
        if (item.Uses-- > 0)
            main.Enqueue(item);
        else
            items.Remove(item.Key);
    }
}

/// <summary>
/// W-TinyLFU (Einziger, Friedman, Manes, TOS 2017) with exact counters in place of its sketch: a window of 1 %, a main part of 20 % probation and
/// 80 % protected, the key with more uses wins; counters are halved every ten capacities.
/// </summary>
internal sealed class WindowTinyLfu : IPolicy
{
    readonly int windowCapacity;
    readonly int mainCapacity;
    readonly int protectedCapacity;
    readonly int sample;
    readonly LinkedList<int> window = new();
    readonly LinkedList<int> probation = new();
    readonly LinkedList<int> guarded = new();
    readonly Dictionary<int, LinkedListNode<int>> nodes = [];
    readonly Dictionary<int, int> uses = [];
    int counted;

    public WindowTinyLfu(int capacity)
    {
        windowCapacity = Math.Max(1, capacity / 100);
        mainCapacity = capacity - windowCapacity;
        protectedCapacity = mainCapacity * 8 / 10;
        sample = capacity * 10;
    }

    public bool Access(int key)
    {
        Count(key);
        if (nodes.TryGetValue(key, out var node))
        {
            Touch(node);
            return true;
        }

        nodes[key] = window.AddFirst(key);
        if (window.Count > windowCapacity)
            Admit();
        return false;
    }

    void Touch(LinkedListNode<int> node)
    {
        var list = node.List!;
        list.Remove(node);
        if (list == window)
        {
            window.AddFirst(node);
            return;
        }

        guarded.AddFirst(node);
        if (guarded.Count > protectedCapacity)
        {
            var demoted = guarded.Last!;
            guarded.RemoveLast();
            probation.AddFirst(demoted);
        }
    }

    void Admit()
    {
        var candidate = window.Last!;
        window.RemoveLast();
        if (probation.Count + guarded.Count < mainCapacity)
        {
            probation.AddFirst(candidate);
            return;
        }

        var victims = probation.Count > 0 ? probation : guarded;
        var victim = victims.Last!;
        if (uses.GetValueOrDefault(candidate.Value) > uses.GetValueOrDefault(victim.Value))
        {
            victims.RemoveLast();
            nodes.Remove(victim.Value);
            probation.AddFirst(candidate);
        }
        else
            nodes.Remove(candidate.Value);
    }

    void Count(int key)
    {
        uses[key] = Math.Min(uses.GetValueOrDefault(key) + 1, 15);
        if (++counted < sample)
            return;
        counted = 0;
        foreach (var each in uses.Keys.ToArray())
        {
            if ((uses[each] >>= 1) == 0)
                uses.Remove(each);
        }
    }
}

/// <summary>Belady's: evicts the key whose next use is farthest away. No policy that cannot see the future does better.</summary>
internal sealed class Clairvoyant : IPolicy
{
    readonly int capacity;
    readonly int[] nextUse;
    readonly Dictionary<int, int> held = [];
    readonly PriorityQueue<int, int> farthest = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    int at;

    public Clairvoyant(int capacity, int[] trace)
    {
        this.capacity = capacity;
        nextUse = new int[trace.Length];
        var seen = new Dictionary<int, int>();
        for (var i = trace.Length - 1; i >= 0; i--)
        {
            nextUse[i] = seen.GetValueOrDefault(trace[i], int.MaxValue);
            seen[trace[i]] = i;
        }
    }

    public bool Access(int key)
    {
        var next = nextUse[at++];
        var hit = held.ContainsKey(key);
        held[key] = next;
        farthest.Enqueue(key, next);
        while (held.Count > capacity)
        {
            farthest.TryDequeue(out var victim, out var use);
            // An older note about a key that was used since is skipped.
            if (held.TryGetValue(victim, out var current) && current == use)
                held.Remove(victim);
        }

        return hit;
    }
}
