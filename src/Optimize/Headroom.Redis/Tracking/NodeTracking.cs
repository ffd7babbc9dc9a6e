using Headroom.Redis.Connections;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Tracking;

/// <summary>Client tracking on the connections of one node, one after the other.</summary>
internal sealed class NodeTracking(InvalidationTracker tracker) : IPushReceiver
{
    static readonly Command ClientTracking = new("CLIENT TRACKING");
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    Task retracking = Task.CompletedTask;
    RedisConnection? connection;
    RedisConnection? confirmedConnection;
    int setupGeneration;
    bool setupConfirmed;
    bool ended;

    public bool ReceivesArrays => false;

    /// <summary>Under the tracker's lock.</summary>
    public bool IsConfirmed => confirmedConnection is { IsOpen: true };

    public IReadOnlyList<(Command Command, RedisArgument[] Arguments)> Setup(int protocolVersion)
    {
        RedisArgument[]? wanted;
        lock (tracker.Gate)
        {
            setupConfirmed = false;
            setupGeneration = tracker.Generation;
            wanted = ended ? null : tracker.Wanted();
        }

        if (wanted is null)
            return [];
        if (protocolVersion == 3)
            return [(ClientTracking, wanted)];
        tracker.Refused("the server speaks RESP2 only");
        return [];
    }

    public void SetupAnswered(RedisReply reply)
    {
        if (reply.Kind == RedisReplyKind.Error)
            tracker.Refused(reply.AsString()!);
        else
            setupConfirmed = true;
    }

    public void Opened(RedisConnection opened)
    {
        tracker.CountConnection();
        lock (tracker.Gate)
        {
            connection = opened;
            if (ended)
                return;
            if (setupConfirmed && setupGeneration == tracker.Generation)
                confirmedConnection = opened;
            else if (setupGeneration != tracker.Generation)
                Retrack();
        }

        if (confirmedConnection == opened)
            tracker.TellWhenTracking();
    }

    public void Lost(RedisConnection lost)
    {
        lock (tracker.Gate)
        {
            connection = null;
            confirmedConnection = null;
            if (ended)
                return;
            tracker.TellStale(InvalidationReason.ConnectionLost);
            // It may have been one that is not needed any more.
            tracker.TellWhenTracking();
        }
    }

    /// <summary>For a node that turned out to carry no reads and writes: from now on what it pushes does not count.</summary>
    public void End()
    {
        lock (tracker.Gate)
        {
            if (ended)
                return;
            ended = true;
            var counted = confirmedConnection is not null;
            Retrack();
            tracker.RemoveNode(this);
            if (counted)
                tracker.TellStale(InvalidationReason.TrackingChanged);
        }
    }

    /// <summary>Under the tracker's lock: tells the connection, if there is one, what to track now.</summary>
    public void Retrack()
    {
        confirmedConnection = null;
        if (connection is { } open)
        {
            // One after the other: two pairs of off and on must not mingle.
            using (ExecutionContext.SuppressFlow())
            {
                var before = retracking;
                retracking = Task.Run(() => RetrackAsync(open, before));
            }
        }
    }

    public void Receive(ReadOnlySpan<byte> kind, ref RespReader reader, int count)
    {
        if (ended || !kind.SequenceEqual("invalidate"u8) || count < 1)
            return;
        reader.Read();
        if (!reader.IsAggregate)
        {
            lock (tracker.Gate)
            {
                tracker.TellStale(InvalidationReason.Flushed);
                tracker.TellWhenTracking();
            }

            return;
        }

        for (var missing = reader.Count; missing > 0; missing--)
        {
            reader.Read();
            tracker.TellChanged(reader.Value);
        }
    }

    // Off, and on again with all prefixes: Redis refuses prefixes that overlap with those it has.
    async Task RetrackAsync(RedisConnection open, Task before)
    {
        await before;
        try
        {
            if (open.ProtocolVersion != 3)
            {
                tracker.Refused("the server speaks RESP2 only");
                return;
            }

            int generation;
            RedisArgument[]? wanted;
            lock (tracker.Gate)
            {
                generation = tracker.Generation;
                wanted = ended ? null : tracker.Wanted();
            }

            await AskAsync(open, ["OFF"]);
            if (wanted is null)
                return;
            await AskAsync(open, wanted);
            lock (tracker.Gate)
            {
                // Otherwise the next one in line does it.
                if (generation != tracker.Generation || connection != open)
                    return;
                tracker.TellStale(InvalidationReason.TrackingChanged);
                confirmedConnection = open;
            }

            tracker.TellWhenTracking();
        }
        catch (RedisServerException e)
        {
            tracker.Refused(e.Message);
        }
        catch (RedisException)
        {
            // Its end is told by Lost, and the next connection is set up from the beginning.
            open.Abort(new RedisConnectionException(RedisConnectionFailure.NotAlive, $"Redis at {open.Endpoint} did not answer CLIENT TRACKING; the connection was closed, because changes would be missed on it."));
        }
    }

    async Task AskAsync(RedisConnection open, RedisArgument[] arguments)
    {
        var deadline = tracker.Time.GetTimestamp() + (long)(AnswerTimeout.TotalSeconds * tracker.Time.TimestampFrequency);
        var operation = Operation<bool, AnyShape>.Rent(deadline, AnswerTimeout, CancellationToken.None);
        var answer = operation.Task;
        if (!open.TrySend(operation, ClientTracking, arguments))
        {
            operation.Abandon();
            throw new RedisConnectionException(RedisConnectionFailure.Lost, "The connection is over.");
        }

        await answer;
    }
}
