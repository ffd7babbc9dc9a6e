using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Headroom.Redis.Tests.Caching;

/// <summary>tests/CacheNode as a process of its own, with a memory tier that nobody shares. Ends with the test, however that ends: its standard input closes.</summary>
internal sealed class CacheNodeProcess : IAsyncDisposable
{
    static readonly string Program = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "CacheNode", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "CacheNode.dll"));

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly ConcurrentDictionary<int, TaskCompletionSource<string>> asked = new();
    readonly ConcurrentQueue<string> hammered = new();
    readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Process process;
    readonly Task reading;
    int last;

    CacheNodeProcess(string cacheConnection, string databaseConnection)
    {
        process = Process.Start(new ProcessStartInfo("dotnet", [Program, cacheConnection, databaseConnection]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        process.StandardInput.AutoFlush = true;
        reading = ReadAsync();
    }

    /// <summary>What a node that hammers says it began and did.</summary>
    public IEnumerable<string> Hammered => hammered;

    /// <summary>Started, connected, and told of changes.</summary>
    public static async Task<CacheNodeProcess> StartAsync(string cacheEndpoint, string databaseEndpoint)
    {
        var node = new CacheNodeProcess($"{cacheEndpoint},abortConnect=false,keepAliveMs=200,livenessTimeout=1000,connectTimeout=500,reconnectDelay=10,reconnectDelayMost=100", databaseEndpoint);
        await node.ready.Task.WaitAsync(Patience);
        await Servers.Wait.UntilAsync(async () => await node.AskAsync("tracking") == "True", "tracking");
        return node;
    }

    public async Task<long> ReadAsync(string key) => Number(await AskAsync($"read {key}"));

    /// <summary>When the cache gave the value or a later one, on this machine's monotonic clock.</summary>
    public async Task<long> UntilAsync(string key, long value)
    {
        var seen = Number(await AskAsync($"until {key} {value} 20000"));
        Assert.True(seen > 0, $"{key} was not {value} within 20 s");
        return seen;
    }

    public async Task<(long Value, long Began, long Returned)> WriteAsync(string key, string how)
    {
        var words = (await AskAsync($"write {key} {how}")).Split(' ');
        return (Number(words[0]), Number(words[1]), Number(words[2]));
    }

    public async Task<bool> IsTrackingAsync() => await AskAsync("tracking") == "True";

    public void Hammer(int keys) => process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"0 hammer {keys}"));

    /// <summary>SIGKILL: nothing is finished, nothing is sent.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        await reading;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    async Task<string> AskAsync(string command)
    {
        var number = Interlocked.Increment(ref last);
        var answer = asked[number] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (asked)
            process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number} {command}"));
        var text = await answer.Task.WaitAsync(Patience);
        Assert.False(text.StartsWith("failed", StringComparison.Ordinal), $"{command}: {text}");
        return text;
    }

    async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (line == "ready")
                ready.TrySetResult();
            else if (line.StartsWith("0 ", StringComparison.Ordinal))
                hammered.Enqueue(line[2..]);
            else if (asked.TryRemove((int)Number(line[..blank]), out var answer))
                answer.TrySetResult(line[(blank + 1)..]);
        }

        ready.TrySetException(new IOException("The node ended before it was ready."));
        foreach (var left in asked.Values)
            left.TrySetException(new IOException("The node has ended."));
    }

    static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
