using System.Collections.Concurrent;
using System.Text;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Tracking;

public sealed class InvalidationTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changed_ByAnotherProgram_ToldByPrefixWithinMilliseconds()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var users = new Recorder();
        var all = new Recorder();
        Assert.False(client.IsTracking);
        using var first = client.Listen(users, "user:", "user:7", "order:");
        using var second = client.Listen(all);
        await Wait.UntilAsync(() => client.IsTracking && users.Log.Contains("tracking") && all.Log.Contains("tracking"), "tracking");

        // Again and again: the second listener may have come before the first one's tracking began, and is tracked anew then, for which both are told that they may have missed something.
        await Wait.UntilAsync(
            async () =>
            {
                await server.AskAsync("SET user:7 x");
                await server.AskAsync("SET other x");
                return users.Log.Contains("changed user:7") && all.Log.Contains("changed user:7") && all.Log.Contains("changed other");
            },
            "the pushes");
        Assert.DoesNotContain("changed other", users.Log);
    }

    [Fact]
    public async Task Changed_ByThisClient_NotTold()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder);
        await Wait.UntilAsync(() => client.IsTracking, "tracking");
        await client.SetAsync("own", "1", cancellationToken: Cancellation);
        await server.AskAsync("SET foreign 1");
        await Wait.UntilAsync(() => recorder.Log.Contains("changed foreign"), "the push");
        Assert.DoesNotContain("changed own", recorder.Log);
    }

    [Fact]
    public async Task Expired_Key_Told()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder);
        await Wait.UntilAsync(() => client.IsTracking, "tracking");
        await client.SetAsync("short", "1", TimeSpan.FromMilliseconds(50), cancellationToken: Cancellation);
        await Wait.UntilAsync(() => recorder.Log.Contains("changed short"), "the push of the expiry");
    }

    [Fact]
    public async Task Flushed_Database_AllMayBeStale()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder);
        await Wait.UntilAsync(() => client.IsTracking, "tracking");
        await server.AskAsync("FLUSHALL");
        await Wait.UntilAsync(() => recorder.Log.Contains("stale Flushed"), "the push without keys");

        // The connection goes on telling, and whoever keeps values has to hear that, or it would not trust its memory any more.
        await Wait.UntilAsync(() => recorder.Log.Last() == "tracking", "tracking told again");
    }

    [Fact]
    public async Task Lost_Connection_AllMayBeStaleBeforeTrackingAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},reconnectDelay=1", Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder, "k");
        for (var round = 1; round <= 5; round++)
        {
            await Wait.UntilAsync(() => client.IsTracking && recorder.Log.Count(entry => entry == "tracking") >= round, "tracking");
            recorder.Log.Enqueue($"round {round}");
            proxy.CutAll();
            await Wait.UntilAsync(() => recorder.Log.Contains("stale ConnectionLost") && recorder.Log.ToArray().AsSpan().LastIndexOf("stale ConnectionLost") > recorder.Log.ToArray().AsSpan().IndexOf($"round {round}"), "the loss");
        }

        await Wait.UntilAsync(() => client.IsTracking, "tracking after the last loss");
        await server.AskAsync("SET key x");
        await Wait.UntilAsync(() => recorder.Log.Contains("changed key"), "a push after reconnecting");
        // Between two confirmations there is a loss, always.
        var states = recorder.Log.Where(entry => entry is "tracking" or "stale ConnectionLost").ToArray();
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.False(pair is ("tracking", "tracking")));
    }

    [Fact]
    public async Task Resp2_Server_NeverTracksAndSaysSo()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},protocol=resp2", Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder);
        await Wait.UntilAsync(() => recorder.Log.Contains("stale NotSupported"), "the refusal");
        Assert.False(client.IsTracking);
        Assert.DoesNotContain("tracking", recorder.Log);
    }

    [Fact]
    public async Task Acl_WithoutClientTracking_CommandsWorkAndListenersKnow()
    {
        await using var server = await RedisServer.StartAsync();
        await server.AskAsync("ACL SETUSER limited on >pw ~* +@all -client|tracking");
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},user=limited,password=pw", Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder);
        await Wait.UntilAsync(() => recorder.Log.Contains("stale NotSupported"), "the refusal");
        Assert.False(client.IsTracking);
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Listen_BeforeConnecting_TrackedFromTheFirstConnectionOn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RedisClient(RedisOptions.Parse(server.Endpoint));
        var recorder = new Recorder();
        using (client.Listen(recorder, "a"))
        {
            await Wait.UntilAsync(() => client.IsTracking, "tracking");
            Assert.Equal(["tracking"], recorder.Log);
            using var wider = client.Listen(recorder, "b", "a:1");
            await Wait.UntilAsync(() => recorder.Log.Count(entry => entry == "tracking") == 2 || recorder.Log.Count(entry => entry == "tracking") == 3, "tracking with more prefixes");
            Assert.Contains("stale TrackingChanged", recorder.Log);
            await server.AskAsync("SET b2 x");
            await Wait.UntilAsync(() => recorder.Log.Contains("changed b2"), "the push");
        }

        await Wait.UntilAsync(async () => (await server.AskAsync("INFO clients")).Length > 0 && !client.IsTracking, "the end of tracking");
    }

    [Fact]
    public async Task Changed_ReadAfterTheWriteOfAnother_PushComesBeforeTheReply()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        await using var writer = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var recorder = new Recorder();
        using var listening = client.Listen(recorder);
        await Wait.UntilAsync(() => client.IsTracking, "tracking");
        for (var round = 0; round < 200; round++)
        {
            await writer.SetAsync("key", round, cancellationToken: Cancellation);
            // The same connection carries both, in order: who reads the new value has been told before.
            Assert.Equal(round.ToString(System.Globalization.CultureInfo.InvariantCulture), await client.GetStringAsync("key", Cancellation));
            Assert.Equal(round + 1, recorder.Log.Count(entry => entry == "changed key"));
        }
    }

    [Fact]
    public async Task Listener_ThatThrows_HarmsNeitherOthersNorTheConnection()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},reconnectDelay=1", Cancellation);
        var recorder = new Recorder();
        using var bad = client.Listen(new Thrower());
        using var good = client.Listen(recorder);
        await Wait.UntilAsync(() => recorder.Log.Contains("tracking"), "tracking");
        await server.AskAsync("SET a 1");
        await Wait.UntilAsync(() => recorder.Log.Contains("changed a"), "the push");
        proxy.CutAll();
        await Wait.UntilAsync(() => recorder.Log.Contains("stale ConnectionLost") && client.IsTracking, "tracking again");
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));
    }

    sealed class Thrower : IInvalidationListener
    {
        public void Changed(ReadOnlySpan<byte> key) => throw new InvalidOperationException("a listener's mistake");

        public void AllMayBeStale(InvalidationReason reason) => throw new InvalidOperationException("a listener's mistake");

        public void Tracking() => throw new InvalidOperationException("a listener's mistake");
    }

    sealed class Recorder : IInvalidationListener
    {
        public ConcurrentQueue<string> Log { get; } = new();

        public void Changed(ReadOnlySpan<byte> key) => Log.Enqueue("changed " + Encoding.UTF8.GetString(key));

        public void AllMayBeStale(InvalidationReason reason) => Log.Enqueue("stale " + reason);

        public void Tracking() => Log.Enqueue("tracking");
    }
}
