using System.Text.Json;
using System.Threading.Channels;
using Headroom.Telemetry.Collection;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.LivePage;

/// <summary>
/// Takes a sample a second for as long as somebody looks, one for all of them. The first viewer starts it; when the last one has gone it stops, and nothing is read or kept.
/// </summary>
internal sealed partial class LiveSampler(MetricCollector collector, ILogger<LiveSampler> logger, TimeProvider time)
{
    public const int ViewersMost = 32;

    /// <summary>Samples that a viewer gets who joins another: five minutes.</summary>
    public const int HistoryMost = 300;

    /// <summary>A viewer who does not read misses the oldest ones; nobody waits for it.</summary>
    const int BacklogMost = 5;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    readonly List<Channel<byte[]>> viewers = [];
    readonly Queue<byte[]> history = new();
    Action? stop;

    /// <summary>Whether samples are being taken.</summary>
    public bool IsRunning
    {
        get
        {
            lock (gate)
                return stop is not null;
        }
    }

    /// <summary>Samples taken so far.</summary>
    public long Samples { get; private set; }

    /// <returns>Null when there are <see cref="ViewersMost"/> already.</returns>
    public Viewer? Join()
    {
        var channel = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(BacklogMost) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (gate)
        {
            if (viewers.Count >= ViewersMost)
                return null;
            viewers.Add(channel);
            if (stop is null)
                Start();

            return new Viewer([.. history], channel.Reader, () => Leave(channel));
        }
    }

    void Leave(Channel<byte[]> channel)
    {
        lock (gate)
        {
            if (!viewers.Remove(channel) || viewers.Count > 0)
                return;
            history.Clear();
            stop!();
            stop = null;
        }
    }

    void Start()
    {
        var running = new CancellationTokenSource();
        stop = () =>
        {
            running.Cancel();
            running.Dispose();
        };
        _ = RunAsync(running.Token);
    }

    async Task RunAsync(CancellationToken stopped)
    {
        // Whoever joined first does not wait for the first reading.
        await Task.Yield();
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            LiveReading? before = null;
            var fails = false;
            do
            {
                try
                {
                    before = await SampleAsync(before, stopped);
                    fails = false;
                }
                catch (Exception failure) when (failure is not ObjectDisposedException && !stopped.IsCancellationRequested)
                {
                    // A sample is missing then, and the next one covers its time. Told once while it lasts, not each second.
                    if (!fails)
                        LogSampleFailed(failure);
                    fails = true;
                }
            }
            while (await timer.WaitForNextTickAsync(stopped));
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
        catch (ObjectDisposedException)
        {
            // The application has ended, and its collector with it.
        }
    }

    /// <returns>What the next sample begins with.</returns>
    async Task<LiveReading> SampleAsync(LiveReading? before, CancellationToken stopped)
    {
        var now = await ReadAsync(stopped);
        if (before is null)
            return now;
        var seconds = time.GetElapsedTime(before.At, now.At).TotalSeconds;
        if (seconds <= 0)
            return before;
        Publish(JsonSerializer.SerializeToUtf8Bytes(LiveSampling.Between(before, now, seconds, time.GetUtcNow()), LiveSampleJson.Default.LiveSample), stopped);
        return now;
    }

    async Task<LiveReading> ReadAsync(CancellationToken stopped)
    {
        LiveReading? reading = null;
        await collector.CollectAsync(metrics => reading = LiveReading.Of(metrics, time.GetTimestamp()), stopped);
        return reading!;
    }

    void Publish(byte[] json, CancellationToken stopped)
    {
        lock (gate)
        {
            // A run that was stopped while it read must not write into the history of the next.
            if (stopped.IsCancellationRequested)
                return;
            Samples++;
            if (history.Count == HistoryMost)
                history.Dequeue();
            history.Enqueue(json);
            foreach (var viewer in viewers)
                viewer.Writer.TryWrite(json);
        }
    }

    [LoggerMessage(21, LogLevel.Warning, "The live page has no sample of this second; it tries again each second.")]
    partial void LogSampleFailed(Exception failure);

    /// <summary>Somebody who looks.</summary>
    /// <param name="History">Samples of before, each a JSON object.</param>
    /// <param name="Samples">Those that come.</param>
    internal sealed record Viewer(IReadOnlyList<byte[]> History, ChannelReader<byte[]> Samples, Action Leave) : IDisposable
    {
        public void Dispose() => Leave();
    }
}
