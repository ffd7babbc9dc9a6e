using Headroom.Redis.Connections;

namespace Headroom.Redis;

/// <summary>Whether the servers' data follows on what they had before.</summary>
public sealed partial class RedisClient
{
    const string ReplicationId = "master_replid:";
    static readonly Command Info = new("INFO");

    /// <summary>Goes up with every connection to a server that has keys, before any command uses it.</summary>
    internal long Connections => core.Tracker.Connections;

    /// <summary>
    /// The replication ids of all masters that can be reached. Redis takes another one whenever it starts, whatever copy of its data it starts from, and when a replica is made master
    /// (https://redis.io/docs/latest/operate/oss_and_stack/management/replication/); so the same id means that nothing which was confirmed is missing.
    /// </summary>
    /// <returns>Empty where a server does not tell: an ACL forbids INFO.</returns>
    internal async ValueTask<IReadOnlyList<string>> ReplicationIdsAsync(CancellationToken cancellationToken)
    {
        var masters = (await core.ReadyAsync(timeout, cancellationToken)).Masters;
        var ids = new List<string>(masters.Count);
        RedisConnectionException? unreachable = null;
        var answers = masters.Select(master => SendTo<RedisReply, ReplyShape>(master, Info, ["replication"], cancellationToken).AsTask()).ToList();
        await ((Task)Task.WhenAll(answers)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var answer in answers)
        {
            try
            {
                if (IdOf((await answer).AsString()) is not { } id)
                    return [];
                ids.Add(id);
            }
            catch (RedisServerException e) when (e.Code is "NOPERM" or "ERR")
            {
                core.Tracker.HistoryHidden(e.Message);
                return [];
            }
            catch (RedisConnectionException e)
            {
                unreachable = e;
            }
        }

        return ids.Count == 0 && unreachable is not null ? throw unreachable : ids;
    }

    static string? IdOf(string? info)
    {
        var line = info?.Split('\n').FirstOrDefault(line => line.StartsWith(ReplicationId, StringComparison.Ordinal));
        return line?[ReplicationId.Length..].Trim();
    }
}
