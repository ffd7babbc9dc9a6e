using System.Globalization;
using Headroom.Redis.Connections;

namespace Headroom.Redis.Routing;

/// <summary>
/// A master that was made a replica keeps its connections and goes on answering PING; it tells of changes only what it hears of them itself, if it does. Whoever reads from memory and sends no command is not
/// redirected, and would believe it for ever. Each change of masters or slots raises the cluster's epoch, on whichever side of a partition the majority is: the highest one that any master knows of is right.
/// </summary>
internal sealed partial class ClusterRouter
{
    const string EpochField = "cluster_current_epoch:";
    static readonly TimeSpan EpochPause = TimeSpan.FromSeconds(1);
    static readonly Command ClusterInfo = new("CLUSTER INFO");

    long epoch;

    async Task WatchEpochsAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(EpochPause, core.Time, stop.Token);
                if (core.Tracker.HasListeners)
                    await Task.WhenAll(members.Values.Select(member => member.Node).Where(node => node.Current is not null).Select(CompareEpochAsync));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    async Task CompareEpochAsync(RedisNode node)
    {
        if (await AskAsync(node, ClusterInfo) is { } info && EpochOf(info.AsString()) > Interlocked.Read(ref epoch))
            await FetchAsync(node);
    }

    static long? EpochOf(string? info)
    {
        var line = info?.Split('\n').FirstOrDefault(line => line.StartsWith(EpochField, StringComparison.Ordinal));
        return long.TryParse(line?[EpochField.Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : null;
    }
}
