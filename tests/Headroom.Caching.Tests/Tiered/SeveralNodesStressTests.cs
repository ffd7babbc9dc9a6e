using System.Globalization;
using System.Threading.Channels;
using Headroom.Caching.Tiered;

namespace Headroom.Caching.Tests.Tiered;

/// <summary>
/// Readers and writers on three nodes with memory, over one store whose changes are told late; nodes crash and come back empty, and what is told gets lost with a notice. The rule: once an
/// invalidation has completed, its own node never gives what was computed before it; once it was told (or its loss was), no node does. Calls are drawn from the seed and run on the thread pool, so a
/// seed repeats the calls and not the very order.
/// </summary>
public sealed class SeveralNodesStressTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nodes_WithMemory_NeverGiveWhatWasComputedBeforeAnInvalidationTheyWereToldOf()
    {
        var seed = Seed.Printed(output);
        var hits = 0L;
        for (var run = 0; run < 25; run++)
        {
            using var world = new World(seed + run);
            await world.RunAsync();
            Assert.True(world.Broken is null, $"HEADROOM_TEST_SEED={seed + run}: {world.Broken}");
            hits += world.Hits;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hits} hits in memory"));
        Assert.True(hits > 2_000, "The schedules must give the rule something to judge.");
    }

    sealed class World : IDisposable
    {
        const int NodeCount = 3;
        static readonly string[] Keys = ["a", "b"];

        readonly int seed;
        readonly Nodes nodes;
        readonly TieredCache[] living = new TieredCache[NodeCount];
        readonly Channel<Action> told = Channel.CreateUnbounded<Action>();

        // What the database says of each key, and what each node may not give less than.
        readonly int[] database = new int[Keys.Length];
        readonly int[,] floors = new int[NodeCount, Keys.Length];
        readonly List<Action> held = [];
        int interrupted;
        volatile bool written;
        long hits;

        public World(int seed)
        {
            this.seed = seed;
            var time = new ManualTime();
            nodes = new Nodes(time);
            for (var node = 0; node < NodeCount; node++)
                living[node] = nodes.Add();
            nodes.Store.Before = async (what, key, _) =>
            {
                await Task.Yield();
                if (what == "did")
                    told.Writer.TryWrite(() => Tell(key));
            };
        }

        public string? Broken { get; private set; }

        public long Hits => Interlocked.Read(ref hits);

        public async Task RunAsync()
        {
            var telling = Task.Run(TellAsync);
            var reading = Enumerable.Range(0, 4).Select(number => Task.Run(() => ReadAsync(new Random(seed * 31 + number)))).ToArray();
            await Task.WhenAll(Enumerable.Range(4, 2).Select(number => Task.Run(() => WriteAsync(new Random(seed * 31 + number)))));
            written = true;
            await Task.WhenAll(reading);
            told.Writer.Complete();
            await telling;
        }

        public void Dispose() => nodes.Dispose();

        async Task ReadAsync(Random random)
        {
            while (!written)
            {
                // Others get the processor too, and a reader comes at any moment of theirs.
                if (random.Next(8) == 0)
                    await Task.Yield();
                var (node, key) = (random.Next(NodeCount), random.Next(Keys.Length));
                var cache = Volatile.Read(ref living[node]);
                var floor = Volatile.Read(ref floors[node, key]);
                var before = cache.Stats().LocalHits;
                var isSlow = random.Next(4) == 0;
                var made = await cache.GetOrCreateAsync(Keys[key], async _ =>
                {
                    var read = Volatile.Read(ref database[key]);
                    if (isSlow)
                        await Task.Delay(2, CancellationToken.None);
                    await Task.Yield();
                    return read;
                }, tags: random.Next(2) == 0 ? ["all", "tag-" + Keys[key]] : ["tag-" + Keys[key], "all"]);
                Interlocked.Add(ref hits, Math.Min(1, cache.Stats().LocalHits - before));
                if (made < floor)
                    Broken ??= $"node {node} gave {made} of '{Keys[key]}' after an invalidation at {floor}";
            }
        }

        async Task WriteAsync(Random random)
        {
            for (var round = 0; round < 60; round++)
            {
                var (node, key) = (random.Next(NodeCount), random.Next(Keys.Length));
                if (random.Next(15) == 0)
                    Volatile.Write(ref living[node], nodes.Add());
                var cache = Volatile.Read(ref living[node]);
                var value = Interlocked.Increment(ref database[key]);
                await (random.Next(4) switch
                {
                    0 => cache.RemoveAsync(Keys[key]),
                    1 => cache.RemoveByTagAsync("tag-" + Keys[key]),
                    2 => cache.RemoveByTagAsync("all"),
                    _ => cache.ClearAsync(),
                });

                // One that came in its place meanwhile may have read before: it is bound when it is told.
                if (Volatile.Read(ref living[node]) == cache)
                    Raise(node, key, value);
                told.Writer.TryWrite(() =>
                {
                    if (interrupted == 0)
                        RaiseAll(key, value);
                    else
                        held.Add(() => RaiseAll(key, value));
                });
                if (random.Next(3) == 0)
                    await Task.Delay(1);
            }
        }

        async Task TellAsync()
        {
            var random = new Random(seed);
            await foreach (var tell in told.Reader.ReadAllAsync())
            {
                if (random.Next(40) == 0)
                {
                    nodes.Interrupt();
                    interrupted = 1;
                    await Task.Yield();
                }

                tell();
                if (interrupted > 0 && random.Next(5) == 0)
                {
                    interrupted = 0;
                    nodes.Resume();
                    FlushHeld();
                }
            }
        }

        /// <summary>While interrupted nothing is told; what is said to be over for everyone waits until the nodes know that they missed something.</summary>
        void FlushHeld()
        {
            held.ForEach(action => action());
            held.Clear();
        }

        void Tell(string key)
        {
            if (interrupted == 0)
                nodes.Tell(key);
        }

        void RaiseAll(int key, int value)
        {
            for (var node = 0; node < NodeCount; node++)
                Raise(node, key, value);
        }

        void Raise(int node, int key, int value)
        {
            int seen;
            while ((seen = Volatile.Read(ref floors[node, key])) < value && Interlocked.CompareExchange(ref floors[node, key], value, seen) != seen)
            {
            }
        }
    }
}
