using System.Diagnostics;
using System.Globalization;
using Headroom.Redis;

namespace Headroom.Benchmarks;

/// <summary>
/// This client beside redis-benchmark, by turns, against the same server: GET and SET of 3 bytes with 50 callers, each waiting for one reply at a time or for sixteen.
/// Prints Markdown. Arguments: endpoint, rounds, seconds a measurement.
/// </summary>
internal static class Program
{
    const int Callers = 50;
    const string Key = "key:__rand_int__";
    static readonly byte[] Value = "VXK"u8.ToArray();

    static async Task<int> Main(string[] arguments)
    {
        var endpoint = arguments[0];
        var rounds = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var duration = TimeSpan.FromSeconds(double.Parse(arguments[2], CultureInfo.InvariantCulture));
        await using var client = await RedisClient.ConnectAsync($"{endpoint},asyncTimeout=20000");
        await client.SetAsync(Key, Value);

        Case[] cases = [new("GET", 1), new("SET", 1), new("GET", 16), new("SET", 16)];
        foreach (var one in cases)
            await MeasureAsync(client, one, TimeSpan.FromSeconds(1.5));
        for (var round = 0; round < rounds; round++)
        {
            foreach (var one in cases)
            {
                // By turns, so that neither always comes first.
                if (round % 2 == 0)
                    one.Theirs.Add(RedisBenchmark(endpoint, one, duration));
                one.Ours.Add(await MeasureAsync(client, one, duration));
                if (round % 2 == 1)
                    one.Theirs.Add(RedisBenchmark(endpoint, one, duration));
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} {one.Command} depth {one.Depth}: redis-benchmark {one.Theirs[^1]:N0}/s, Headroom.Redis {one.Ours[^1].Rate:N0}/s"));
            }
        }

        Console.WriteLine("| | redis-benchmark, requests/s | Headroom.Redis, requests/s | ratio | CPU µs/request | bytes allocated/request |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        var worst = double.MaxValue;
        foreach (var one in cases)
        {
            var (theirs, ours) = (Median(one.Theirs), Median(one.Ours.Select(result => result.Rate)));
            worst = Math.Min(worst, ours / theirs);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one.Command}, {Callers} callers, depth {one.Depth} | {theirs:0} | {ours:0} | {ours / theirs:0.00} | {Median(one.Ours.Select(result => result.CpuMicroseconds)):0.00} | {Median(one.Ours.Select(result => result.Bytes)):0.0} |"));
        }

        return worst >= 0.85 ? 0 : 1;
    }

    static async Task<Result> MeasureAsync(RedisClient client, Case one, TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        var counts = new long[Callers * 16];
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var bytes = GC.GetTotalAllocatedBytes();
        var begin = Stopwatch.GetTimestamp();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => one.Command == "GET" ? GetAsync(client, one.Depth, caller * 16, counts, stop) : SetAsync(client, one.Depth, caller * 16, counts, stop))).ToArray();
        await Task.Delay(duration);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        var elapsed = Stopwatch.GetElapsedTime(begin);
        var count = counts.Sum();
        return new Result(count / elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / count, (GC.GetTotalAllocatedBytes() - bytes) / (double)count);
    }

#pragma warning disable CA2012 // Each is awaited once, in order: that is how a caller has sixteen on the way without a Task for each.
    static async Task GetAsync(RedisClient client, int depth, int at, long[] counts, CancellationTokenSource stop)
    {
        var pending = new ValueTask<RedisBuffer>[depth];
        while (!stop.IsCancellationRequested)
        {
            for (var index = 0; index < depth; index++)
                pending[index] = client.GetAsync(Key);
            for (var index = 0; index < depth; index++)
            {
                using var value = await pending[index];
                if (value.Length != Value.Length)
                    throw new InvalidOperationException("a wrong value");
            }

            counts[at] += depth;
        }
    }

    static async Task SetAsync(RedisClient client, int depth, int at, long[] counts, CancellationTokenSource stop)
    {
        var pending = new ValueTask<bool>[depth];
        while (!stop.IsCancellationRequested)
        {
            for (var index = 0; index < depth; index++)
                pending[index] = client.SetAsync(Key, Value);
            for (var index = 0; index < depth; index++)
                await pending[index];
            counts[at] += depth;
        }
    }

#pragma warning restore CA2012

    static double RedisBenchmark(string endpoint, Case one, TimeSpan duration)
    {
        var port = endpoint.Split(':')[1];
        var count = (one.Theirs.Count == 0 ? one.Depth == 1 ? 80_000 : 400_000 : one.Theirs[^1]) * duration.TotalSeconds;
        var start = new ProcessStartInfo("redis-benchmark") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-p", port, "-t", one.Command, "-c", $"{Callers}", "-P", $"{one.Depth}", "-n", count.ToString("0", CultureInfo.InvariantCulture), "--csv"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        // "test","rps",… then "GET","98039.22",…
        var line = process.StandardOutput.ReadToEnd().Split('\n').First(row => row.StartsWith($"\"{one.Command}\"", StringComparison.Ordinal));
        process.WaitForExit();
        return double.Parse(line.Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    sealed record Case(string Command, int Depth)
    {
        public List<double> Theirs { get; } = [];

        public List<Result> Ours { get; } = [];
    }

    sealed record Result(double Rate, double CpuMicroseconds, double Bytes);
}
