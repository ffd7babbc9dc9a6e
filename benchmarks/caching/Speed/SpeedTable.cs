using System.Diagnostics;
using System.Globalization;
using Headroom.Caching.Benchmarks.HitRatios;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Headroom.Caching.Benchmarks.Speed;

/// <summary>Everything that is measured in time or bytes, side by side: in each round every contender runs once, and medians are told.</summary>
internal static class SpeedTable
{
    const int TraceLength = 1 << 20;
    const int Capacity = 10_000;

    public static void Write(TextWriter output, int rounds)
    {
        // First, while nothing else is on the heap that could go meanwhile.
        var memory = new StringWriter();
        Memory(memory);

        var keys = Enumerable.Range(0, 100_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"user:profile:{i:d6}")).ToArray();

        // A request makes its key anew: what is looked up is never the very string that was stored.
        var asked = keys.Select(key => new string(key.AsSpan())).ToArray();
        var zipf = Traces.Zipf(100_000, 0.9, TraceLength, seed: 7).Select(i => asked[i]).ToArray();
        var random = new Random(8);
        var hot = Enumerable.Range(0, TraceLength).Select(_ => asked[random.Next(1_000)]).ToArray();

        LookUps(output, "100k keys, Zipf 0.9", keys, zipf, rounds);
        LookUps(output, "1,000 hot keys", keys[..1_000], hot, rounds);
        ReadThroughs(output, zipf, rounds);
        output.Write(memory);
        Stampede(output);
    }

    static void LookUps(TextWriter output, string title, string[] keys, string[] trace, int rounds)
    {
        Contender[] contenders = [new DictionaryLookUp(keys), new LocalCacheLookUp(keys), new MemoryCacheLookUp(keys), new HybridLookUp(keys), new MemoryCacheCreate(keys), new DispatchLookUp(), new HashAlone()];
        Measure(output, $"hit, {title}", contenders, trace, rounds);
    }

    static void ReadThroughs(TextWriter output, string[] trace, int rounds) =>
        Measure(output, "read-through, 100k keys Zipf 0.9, room for 10k", [new LockedLruReadThrough(Capacity), new LocalReadThrough(Capacity), new MemoryCacheReadThrough(Capacity)], trace, rounds);

    static void Measure(TextWriter output, string title, Contender[] contenders, string[] trace, int rounds)
    {
        WarmUp(contenders, trace);

        var one = contenders.ToDictionary(contender => contender, _ => new List<double>());
        var two = contenders.ToDictionary(contender => contender, _ => new List<double>());
        var bytes = contenders.ToDictionary(contender => contender, _ => 0.0);
        var share = contenders.ToDictionary(contender => contender, _ => 0.0);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var contender in contenders)
            {
                GC.Collect();
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                var started = Stopwatch.GetTimestamp();
                share[contender] = (double)contender.LookUp(trace, 0, trace.Length) / trace.Length;
                one[contender].Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / trace.Length);
                bytes[contender] = (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / trace.Length;
                two[contender].Add(OfTwoThreads(contender, trace));
            }
        }

        output.WriteLine($"| {title} | ns | ratio | found | bytes | two threads, ns each | to one |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        var baseline = Median(one[contenders[0]]);
        foreach (var contender in contenders)
        {
            var (alone, together) = (Median(one[contender]), Median(two[contender]));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {contender.Name} | {alone:f1} | {alone / baseline:f2} | {share[contender]:p1} | {bytes[contender]:f1} | {together:f1} | {together / alone:f2} |"));
            contender.Dispose();
        }

        output.WriteLine();
    }

    /// <summary>Until the JIT has the loops and their callees in their last form: it counts thirty calls, looks on, compiles in the background, and that twice.</summary>
    static void WarmUp(Contender[] contenders, string[] trace)
    {
        const int Calls = 64;
        for (var pass = 0; pass < 4; pass++)
        {
            foreach (var contender in contenders)
            {
                for (var i = 0; i < Calls; i++)
                    contender.LookUp(trace, i * (trace.Length / Calls), trace.Length / Calls / 4);
            }

            Thread.Sleep(400);
        }
    }

    /// <summary>Nanoseconds that an operation takes on each of two threads that run at the same time, from different places of the trace.</summary>
    static double OfTwoThreads(Contender contender, string[] trace)
    {
        using var start = new Barrier(2);
        var times = new double[2];
        var threads = Enumerable.Range(0, 2).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            var started = Stopwatch.GetTimestamp();
            contender.LookUp(trace, number * (trace.Length / 2), trace.Length / 2);
            times[number] = Stopwatch.GetElapsedTime(started).TotalNanoseconds / (trace.Length / 2.0);
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return times.Average();
    }

    /// <summary>Heap bytes of an entry: key and value take 192, the rest is the cache's. As many entries as the cache may hold, all with a life, ours with a tag.</summary>
    static void Memory(TextWriter output)
    {
        output.WriteLine("| memory of an entry of 192 bytes | bytes |");
        output.WriteLine("| --- | ---: |");
        const int Entries = 100_000;
        using var local = new LocalCache(new LocalCacheOptions { MaxEntries = Entries });
        using var memory = new MemoryCache(Options.Create(new MemoryCacheOptions()));
        Tell("Headroom LocalCache (life, one of 100 tags)", (key, value) => local.Set(key, value, TimeSpan.FromHours(1), [Tag(key)]));
        Tell("MemoryCache (life)", (key, value) => memory.Set(key, value, TimeSpan.FromHours(1)));
        GC.KeepAlive(local);
        GC.KeepAlive(memory);
        output.WriteLine();

        void Tell(string name, Action<string, byte[]> set)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < Entries; i++)
                set(string.Create(CultureInfo.InvariantCulture, $"user:profile:{i:d6}"), new byte[104]);
            var after = GC.GetTotalMemory(forceFullCollection: true);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {(double)(after - before) / Entries:f0} |"));
        }

        static string Tag(string key) => key[^2..];
    }

    static void Stampede(TextWriter output)
    {
        using var cache = HybridLookUp.Tiered(10);
        var release = new TaskCompletionSource();
        var runs = 0;
        Func<int, CancellationToken, ValueTask<string>> factory = async (_, _) =>
        {
            runs++;
            await release.Task;
            return "value";
        };
        var waiting = new Task<string>[1_000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = cache.GetOrCreateAsync("cold", 1, factory).AsTask();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        release.SetResult();
        Task.WaitAll(waiting);
        output.WriteLine("| 1,000 callers on a cold key | factory runs | bytes in all |");
        output.WriteLine("| --- | ---: | ---: |");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| Headroom HybridCache.GetOrCreateAsync | {runs} | {allocated:n0} |"));
    }

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
