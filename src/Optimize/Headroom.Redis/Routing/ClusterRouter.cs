using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Headroom.Redis.Connections;
using Headroom.Redis.Tracking;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Routing;

/// <summary>
/// A cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/): commands go to the master of their key's slot.
/// <para>1. The map of slots comes from CLUSTER SLOTS; a slot that is not in it goes to the node the client first connected to, which says where it is. 2. MOVED: the map is corrected for that slot,
/// the command sent again there, and the map fetched anew in the background. 3. ASK: sent again behind ASKING to the node named, for this time only. 4. TRYAGAIN and
/// CLUSTERDOWN: sent again after a pause. All within the command's own timeout: the first execution is the only one, since a node that redirects has executed nothing. 5. While somebody listens to
/// changes the masters are asked for the cluster's epoch (<c>ClusterRouter.Epochs</c>): who sends no command would not hear that a master is one no more.</para>
/// </summary>
internal sealed partial class ClusterRouter : Router, IRedirection
{
    const int RedirectsMost = 16;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    static readonly TimeSpan RefreshPause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(2);
    static readonly Command ClusterSlots = new("CLUSTER SLOTS");

    readonly ClientCore core;
    readonly RedisNode seed;
    readonly ConcurrentDictionary<RedisEndpoint, Member> members = new();
    readonly CancellationTokenSource stop = new();
    readonly Lock adopting = new();
    RedisNode?[] map = new RedisNode?[KeySlot.Count];
    int refreshing;

    public ClusterRouter(ClientCore core, RedisNode seed)
    {
        this.core = core;
        this.seed = seed;
        // The seed is asked for the map and for slots that are not in it; writes seen there are those of a member, which tracks itself.
        seed.Down += _ => Refresh();
        Refresh();
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(WatchEpochsAsync);
    }

    public override bool IsCluster => true;

    public override IReadOnlyList<RedisNode> Masters
    {
        get
        {
            var masters = Volatile.Read(ref map).OfType<RedisNode>().Distinct().ToList();
            return masters.Count > 0 ? masters : [seed];
        }
    }

    public override bool TrySend(Operation operation, Command command, ReadOnlySpan<RedisArgument> arguments, int keyIndex)
    {
        var slot = keyIndex >= 0 && keyIndex < arguments.Length ? KeySlot.Of(arguments[keyIndex]) : AnySlot;
        if (NodeOf(slot).Current is not { } connection)
            return false;
        operation.Redirection = this;
        operation.Kept = Request.Encode(command, arguments);
        if (connection.TrySend(operation, operation.Kept, keep: true))
            return true;
        operation.Kept.Return();
        operation.Kept = default;
        operation.Redirection = null;
        return false;
    }

    public override void SendLater(Operation operation, Request request, int slot)
    {
        Adopt(operation, request);
        NodeOf(slot).SendWhenOpen(operation, request);
    }

    /// <summary>From now on the operation keeps its request, and is redirected.</summary>
    public void Adopt(Operation operation, Request request)
    {
        operation.Redirection = this;
        operation.Kept = request;
    }

    public bool TryRedirect(Operation operation, ReadOnlySpan<byte> error)
    {
        if (operation.Redirects >= RedirectsMost || stop.IsCancellationRequested)
            return false;
        if (error.StartsWith("-MOVED "u8) || error.StartsWith("-ASK "u8))
        {
            if (!TryParse(error, out var slot, out var endpoint))
                return false;
            operation.Redirects++;
            var node = MemberAt(endpoint).Node;
            var isAsk = error[1] == 'A';
            if (!isAsk)
            {
                Volatile.Read(ref map)[slot] = node;
                Refresh();
            }

            node.SendWhenOpen(operation, operation.Kept, isAsk);
            return true;
        }

        if (error.StartsWith("-TRYAGAIN"u8) || error.StartsWith("-CLUSTERDOWN"u8))
        {
            operation.Redirects++;
            if (error[1] == 'C')
                Refresh();
            _ = SendAfterPauseAsync(operation, error.StartsWith("-CLUSTERDOWN"u8));
            return true;
        }

        return false;
    }

    public override async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        foreach (var member in members.Values)
            await member.DisposeAsync();
    }

    RedisNode NodeOf(int slot) => (slot == AnySlot ? null : Volatile.Read(ref map)[slot]) ?? seed;

    async Task SendAfterPauseAsync(Operation operation, bool longer)
    {
        var slot = SlotOfKept(operation);
        await Task.Delay(longer ? RefreshPause : Pause, core.Time);
        NodeOf(slot).SendWhenOpen(operation, operation.Kept);
    }

    // The command is encoded, and which argument is its key is known by its name only.
    static int SlotOfKept(Operation operation)
    {
        var reader = new Protocol.RespReader(operation.Kept.Span);
        var request = RedisReply.Read(ref reader);
        RedisArgument[] arguments = [.. request.Items.Skip(1).Select(item => (RedisArgument)item.Bytes)];
        var index = CommandRules.KeyIndex(request.Items[0].AsString()!, arguments);
        return index < 0 ? AnySlot : KeySlot.Of(arguments[index]);
    }

    // "-MOVED 3999 127.0.0.1:6381": an empty host is that of the node that answered, for which the seed's stands.
    bool TryParse(ReadOnlySpan<byte> error, out int slot, out RedisEndpoint endpoint)
    {
        endpoint = default;
        var words = Encoding.UTF8.GetString(error).TrimEnd().Split(' ');
        if (!int.TryParse(words.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out slot) || slot >= KeySlot.Count || words.Length < 3)
            return false;
        var colon = words[2].LastIndexOf(':');
        if (colon < 0 || !int.TryParse(words[2].AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        endpoint = new RedisEndpoint(colon == 0 ? SeedHost() : words[2][..colon], port);
        return true;
    }

    string SeedHost() => seed.Current?.Endpoint.Host ?? members.Keys.FirstOrDefault().Host ?? "localhost";

    Member MemberAt(RedisEndpoint endpoint)
    {
        while (true)
        {
            if (members.TryGetValue(endpoint, out var known))
                return known;
            var made = new Member(core, endpoint);
            if (!members.TryAdd(endpoint, made))
                continue;
            made.Node.Down += _ => Refresh();
            if (!stop.IsCancellationRequested)
                made.Node.Start();
            return made;
        }
    }

    // One at a time; who asks while one is on its way gets that one's map, and another round if it failed.
    void Refresh()
    {
        if (stop.IsCancellationRequested || Interlocked.Exchange(ref refreshing, 1) == 1)
            return;
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(RefreshAsync);
    }

    async Task RefreshAsync()
    {
        var failed = true;
        try
        {
            foreach (var node in members.Values.Select(member => member.Node).Append(seed).Where(node => node.Current is not null).ToList())
            {
                if (!await FetchAsync(node))
                    continue;
                failed = false;
                break;
            }

            await Task.Delay(RefreshPause, core.Time, stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            Volatile.Write(ref refreshing, 0);
        }

        // Slots without a master, for example during a failover, come back with it.
        if (failed || Array.Exists(Volatile.Read(ref map), node => node?.Current is null))
        {
            LogIncomplete(core.Logger);
            await Task.Delay(RefreshPause, core.Time);
            Refresh();
        }
    }

    // The epoch first: the slots are then at least as new.
    async Task<bool> FetchAsync(RedisNode node)
    {
        var info = AskAsync(node, ClusterInfo);
        if (await AskAsync(node, ClusterSlots) is not { } slots)
            return false;
        Adopt(slots, EpochOf((await info)?.AsString()));
        return true;
    }

    async Task<RedisReply?> AskAsync(RedisNode node, Command command)
    {
        var time = core.Time;
        var operation = Operation<RedisReply, ReplyShape>.Rent(time.GetTimestamp() + (long)(RefreshTimeout.TotalSeconds * time.TimestampFrequency), RefreshTimeout, CancellationToken.None);
        var answer = operation.Task;
        try
        {
            node.SendWhenOpen(operation, Request.Encode(command, []));
            return await answer;
        }
        catch (RedisException)
        {
            return null;
        }
    }

    // [[first, last, [host, port, id, …], replicas …] …]
    void Adopt(RedisReply slots, long? told)
    {
        lock (adopting)
        {
            if (told < Interlocked.Read(ref epoch))
                return;
            if (told is { } now)
                Interlocked.Exchange(ref epoch, now);
            Adopt(slots);
        }
    }

    void Adopt(RedisReply slots)
    {
        var fetched = new RedisNode?[KeySlot.Count];
        var used = new HashSet<RedisEndpoint>();
        foreach (var range in slots.Items.Where(range => range.Items.Count > 2))
        {
            var host = range.Items[2].Items[0].AsString();
            var endpoint = new RedisEndpoint(string.IsNullOrEmpty(host) || host == "?" ? SeedHost() : host, (int)range.Items[2].Items[1].AsInt64());
            used.Add(endpoint);
            var node = MemberAt(endpoint).Node;
            fetched.AsSpan((int)range.Items[0].AsInt64()..((int)range.Items[1].AsInt64() + 1)).Fill(node);
        }

        if (used.Count == 0)
            return;
        Volatile.Write(ref map, fetched);
        core.Tracker.Expect([.. used.Select(endpoint => MemberAt(endpoint).Tracking)]);
        foreach (var (endpoint, member) in members)
        {
            // Gone, or a replica now; commands still on their way to it get their replies or fail.
            if (!used.Contains(endpoint) && members.TryRemove(endpoint, out _))
                _ = member.DisposeAsync().AsTask();
        }
    }

    [LoggerMessage(7, LogLevel.Debug, "The cluster's map of slots is incomplete; asking again.")]
    static partial void LogIncomplete(ILogger logger);

    /// <summary>A master, and the tracking of its keys.</summary>
    sealed class Member : IAsyncDisposable
    {
        readonly ClientCore core;

        public Member(ClientCore core, RedisEndpoint endpoint)
        {
            this.core = core;
            Tracking = core.Tracker.AddNode();
            Node = new RedisNode(new FixedEndpoints([endpoint], needsMaster: false), core.Settings, core.Delay, Tracking, core.Logger);
        }

        public RedisNode Node { get; }

        public NodeTracking Tracking { get; }

        public async ValueTask DisposeAsync()
        {
            core.Tracker.RemoveNode(Tracking);
            await Node.DisposeAsync();
        }
    }
}
