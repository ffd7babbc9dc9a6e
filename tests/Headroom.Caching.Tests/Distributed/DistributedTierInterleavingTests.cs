using System.Globalization;
using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Caching.Tests.Distributed;

/// <summary>
/// Readers, writers, invalidations, failing calls and crashes of several nodes, and a store that drops keys of whatever kind, of which every step at the store is taken in an order drawn from the seed. The rule: a read that begins after an
/// invalidation has completed never gives a value that was computed before the invalidation began.
/// </summary>
public sealed class DistributedTierInterleavingTests(ITestOutputHelper output)
{
    private static readonly IHybridCacheSerializer<string> Text = new ValueSerializers(new ServiceCollection().BuildServiceProvider()).Of<string>();

    private static readonly string[] Keys = ["a", "b"];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Nodes_InAnyOrder_NeverReadWhatWasComputedBeforeAnInvalidation(bool evicts, bool isPlain)
    {
        var seed = Seed.Printed(output);
        var hits = 0;
        for (var run = 0; run < 300; run++)
        {
            var world = new World(seed + run, evicts, isPlain);
            await world.RunAsync();
            Assert.True(world.Broken is null, $"HEADROOM_TEST_SEED={seed + run}: {world.Broken}");
            hits += world.Hits;
        }

        output.WriteLine($"{hits} hits");
        Assert.True(hits > (evicts ? 500 : 1000), $"The schedules must give the rule something to judge; there were {hits} hits.");
    }

    private sealed class World
    {
        private readonly Random _random;
        private readonly ManualTime _time = new();
        private readonly MemoryStore _store;
        private readonly IDistributedStore _tierStore;
        private readonly Steps _steps;
        private readonly DistributedTier[] _nodes;

        // What the database says of each key, and what it said at least when the last completed invalidation of it began.
        private readonly int[] _database = new int[Keys.Length];
        private readonly int[] _floor = new int[Keys.Length];
        private readonly bool[] _setting = new bool[Keys.Length];
        private readonly int[] _invalidating = new int[Keys.Length];

        /// <param name="seed">Of everything that is drawn.</param>
        /// <param name="evicts">Whether the store drops entries and markers between steps.</param>
        /// <param name="isPlain">Whether the store can only get and set.</param>
        public World(int seed, bool evicts, bool isPlain)
        {
            _random = new Random(seed);
            _store = new MemoryStore(_time);
            _steps = new Steps(_random, evicts ? EvictSometimes : static () => { });
            _tierStore = isPlain ? new PlainStore(_store) : _store;
            _store.Before = (what, key, _) => _steps.NextAsync(what);
            _nodes = [.. Enumerable.Range(0, 3).Select(Node)];
        }

        public string? Broken { get; private set; }

        public int Hits { get; private set; }

        public Task RunAsync()
        {
            var actors = new List<Func<Task>>();
            for (var actor = 0; actor < 4; actor++)
                actors.Add(ReadThroughAsync);
            actors.Add(InvalidateAsync);
            actors.Add(InvalidateAsync);
            return _steps.RunAsync(actors);
        }

        private async Task ReadThroughAsync()
        {
            for (var round = 0; round < 12; round++)
            {
                var node = _nodes[_random.Next(_nodes.Length)];
                var key = _random.Next(Keys.Length);
                var floor = _floor[key];
                string[] tags = _random.Next(2) == 0 ? [] : [$"tag-{Keys[key]}"];
                using var read = await node.ReadAsync(Keys[key], tags, CancellationToken.None);
                if (read.Outcome == TierOutcome.Hit)
                {
                    Hits++;
                    var value = int.Parse(read.Content.Deserialize(Text)!, CultureInfo.InvariantCulture);
                    if (value < floor)
                        Broken ??= $"read {value} of '{Keys[key]}' after an invalidation at {floor}";
                    continue;
                }

                if (read.Stamp is null)
                    continue;
                var computed = _database[key];
                await _steps.NextAsync("computing");

                // The node crashes before it writes.
                if (_random.Next(8) == 0)
                    continue;
                var text = computed.ToString(CultureInfo.InvariantCulture);
                await node.WriteAsync(Keys[key], text, Text, new EntryTimes(TimeSpan.FromMinutes(5)), read.Stamp, [$"tag-{Keys[key]}"], CancellationToken.None);
            }
        }

        private async Task InvalidateAsync()
        {
            for (var round = 0; round < 6; round++)
            {
                var node = _nodes[_random.Next(_nodes.Length)];
                var key = _random.Next(Keys.Length);

                // A value that is set while its key is invalidated may come after it, as in any store: those two are kept apart.
                var sets = _random.Next(4) == 0 && _invalidating[key] == 0;
                if (_setting[key])
                    continue;
                (_setting[key], _invalidating[key]) = (sets, _invalidating[key] + 1);
                var value = ++_database[key];
                await _steps.NextAsync("written to the database");
                _time.Advance(TimeSpan.FromMilliseconds(_random.Next(3000)));
                var isSent = sets
                    ? await node.SetAsync(Keys[key], value.ToString(CultureInfo.InvariantCulture), Text, new EntryTimes(TimeSpan.FromMinutes(5)), [$"tag-{Keys[key]}"], CancellationToken.None)
                        == TierWriteOutcome.Written
                    : await node.InvalidateAsync([Invalidated(key)], CancellationToken.None);
                if (isSent)
                    _floor[key] = Math.Max(_floor[key], value);
                (_setting[key], _invalidating[key]) = (false, _invalidating[key] - 1);
            }
        }

        private Invalidated Invalidated(int key) => _random.Next(3) switch
        {
            0 => new Invalidated(StoreKeyKind.Key, Keys[key]),
            1 => new Invalidated(StoreKeyKind.Tag, $"tag-{Keys[key]}"),
            _ => new Invalidated(StoreKeyKind.Tag, StoreKeys.AllTag),
        };

        private void EvictSometimes()
        {
            var keys = _store.Keys;
            if (keys.Count > 0 && _random.Next(15) == 0)
                _store.Evict(keys[_random.Next(keys.Count)]);
        }

        private DistributedTier Node(int index) => new(
            _tierStore,
            new DistributedTierOptions { TagRefresh = TimeSpan.Zero, FailuresToOpen = 1000, ReadTimeout = TimeSpan.FromMinutes(1), WriteTimeout = TimeSpan.FromMinutes(1) },
            _time,
            new Random(_random.Next() + index),
            NullLogger.Instance);
    }

    private sealed class PlainStore(MemoryStore memory) : IDistributedStore
    {
        public ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation) => memory.GetAsync(keys, values, cancellation);

        public ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation) => memory.SetAsync(writes, cancellation);

        public ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation) => memory.TouchAsync(key, life, cancellation);

        public ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation) => memory.RemoveAsync(keys, cancellation);
    }

    /// <summary>Every actor waits at each step until it is drawn; only one moves at a time.</summary>
    private sealed class Steps(Random random, Action between)
    {
        private readonly List<TaskCompletionSource> _waiting = [];

        public Task NextAsync(string what)
        {
            var step = new TaskCompletionSource();
            _waiting.Add(step);
            return FailSometimesAsync(step.Task, what);
        }

        public async Task RunAsync(IEnumerable<Func<Task>> actors)
        {
            var running = actors.Select(actor => actor()).ToList();
            while (_waiting.Count > 0)
            {
                var drawn = _waiting[random.Next(_waiting.Count)];
                _waiting.Remove(drawn);
                between();
                drawn.SetResult();
            }

            await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(30));
        }

        /// <summary>A call that fails after its effect ("got", "did") as well as before it.</summary>
        private async Task FailSometimesAsync(Task step, string what)
        {
            await step;
            if (what is "get" or "set" or "did" && random.Next(60) == 0)
                throw new IOException("lost");
        }
    }
}
