using Headroom.Redis.Connections;

namespace Headroom.Redis.Routing;

/// <summary>
/// Asks sentinels for the master (https://redis.io/docs/latest/develop/reference/sentinel-clients/).
/// <para>1. The sentinels in turn, beginning with the one that answered last, each within the connect timeout. 2. The first that knows a master is believed; a sentinel that does not know the name
/// is passed over. 3. Whether it is a master is asked of the server itself, by the node that connects: after a failover a sentinel may be behind.</para>
/// </summary>
internal sealed class SentinelLocator(string service, IReadOnlyList<RedisEndpoint> sentinels, ConnectionSettings settings) : IServerLocator
{
    static readonly Command GetMaster = new("SENTINEL GET-MASTER-ADDR-BY-NAME");

    int lastAnswered;

    public bool NeedsMaster => true;

    public async ValueTask<IReadOnlyList<RedisEndpoint>> LocateAsync(CancellationToken cancellationToken)
    {
        var begin = Volatile.Read(ref lastAnswered);
        var complaints = new List<string>();
        RedisConnectionException? last = null;
        for (var turn = 0; turn < sentinels.Count; turn++)
        {
            var index = (begin + turn) % sentinels.Count;
            try
            {
                if (await AskAsync(sentinels[index], cancellationToken) is { } master)
                {
                    Volatile.Write(ref lastAnswered, index);
                    return [master];
                }

                complaints.Add($"{sentinels[index]} knows no master '{service}'");
            }
            catch (RedisConnectionException e)
            {
                last = e;
                complaints.Add(e.Message);
            }
            catch (RedisException e)
            {
                complaints.Add($"{sentinels[index]}: {e.Message}");
            }
        }

        throw new RedisConnectionException(RedisConnectionFailure.NoMaster, $"No sentinel named the master '{service}': {string.Join("; ", complaints)}. Check serviceName= and the sentinels' addresses.", last);
    }

    async Task<RedisEndpoint?> AskAsync(RedisEndpoint sentinel, CancellationToken cancellationToken)
    {
        await using var connection = await RedisConnection.OpenAsync(sentinel, settings, null, cancellationToken);
        var deadline = settings.Time.GetTimestamp() + (long)(settings.ConnectTimeout.TotalSeconds * settings.Time.TimestampFrequency);
        var operation = Operation<RedisReply, ReplyShape>.Rent(deadline, settings.ConnectTimeout, cancellationToken);
        var answer = operation.Task;
        if (!connection.TrySend(operation, GetMaster, [service]))
        {
            operation.Abandon();
            return null;
        }

        var reply = await answer;
        return reply.Items.Count == 2 ? new RedisEndpoint(reply.Items[0].AsString()!, (int)reply.Items[1].AsInt64()) : null;
    }
}
