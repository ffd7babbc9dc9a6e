using System.Text;

namespace Headroom.Redis.Tests;

/// <summary>Every command's method against the Redis of this run, in RESP3 and in RESP2.</summary>
public abstract class RedisClientCommandTests(string protocol) : IAsyncLifetime
{
    readonly string prefix = $"commands:{Guid.NewGuid():n}:";
    RedisClient client = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => client = await RedisClient.ConnectAsync($"{Require.Redis()},protocol={protocol},asyncTimeout=20000", Cancellation);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (client is not null)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Get_MissingEmptyAndBinary_Told()
    {
        using (var missing = await client.GetAsync(prefix + "missing", Cancellation))
            Assert.True(missing.IsNull);
        await client.SetAsync(prefix + "empty", "", cancellationToken: Cancellation);
        using (var empty = await client.GetAsync(prefix + "empty", Cancellation))
            Assert.Equal((false, 0), (empty.IsNull, empty.Length));
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        await client.SetAsync(prefix + "binary", bytes, cancellationToken: Cancellation);
        using (var binary = await client.GetAsync(prefix + "binary", Cancellation))
            Assert.Equal(bytes, binary.ToArray());
    }

    [Fact]
    public async Task Set_ExpiryAndConditions_Kept()
    {
        var key = prefix + "set";
        Assert.False(await client.SetAsync(key, "1", when: RedisSetWhen.Exists, cancellationToken: Cancellation));
        Assert.True(await client.SetAsync(key, "1", TimeSpan.FromMinutes(1), RedisSetWhen.NotExists, Cancellation));
        Assert.False(await client.SetAsync(key, "2", when: RedisSetWhen.NotExists, cancellationToken: Cancellation));
        Assert.InRange((await client.TimeToLiveAsync(key, Cancellation))!.Value.TotalSeconds, 50, 60);
        using (var before = await client.SetAndGetAsync(key, "3", cancellationToken: Cancellation))
            Assert.Equal("1", before.ToString());
        Assert.Equal(Timeout.InfiniteTimeSpan, await client.TimeToLiveAsync(key, Cancellation));
        Assert.Null(await client.TimeToLiveAsync(prefix + "none", Cancellation));
        Assert.True(await client.ExpireAsync(key, TimeSpan.FromSeconds(10), Cancellation));
        Assert.InRange((await client.TimeToLiveAsync(key, Cancellation))!.Value.TotalSeconds, 5, 10);
        Assert.Equal("3", await client.GetStringAsync(key, Cancellation));
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.SetAsync(key, "4", TimeSpan.Zero, cancellationToken: Cancellation));
        Assert.Contains("at least 1 ms", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_GetDeleteUnlinkExists_InOrder()
    {
        RedisArgument[] keys = [prefix + "a", prefix + "b", prefix + "c"];
        await client.SetAsync(keys[0], "1", cancellationToken: Cancellation);
        await client.SetAsync(keys[2], "3", cancellationToken: Cancellation);
        Assert.Equal(["1", null, "3"], (await client.GetManyAsync(keys, Cancellation)).Select(value => value.ToString()));
        Assert.Empty(await client.GetManyAsync(ReadOnlyMemory<RedisArgument>.Empty, Cancellation));
        Assert.True(await client.ExistsAsync(keys[0], Cancellation));
        Assert.Equal(2, await client.DeleteAsync(keys, Cancellation));
        Assert.False(await client.ExistsAsync(keys[0], Cancellation));
        Assert.Equal(0, await client.UnlinkAsync(keys, Cancellation));
        Assert.False(await client.DeleteAsync(keys[0], Cancellation));
    }

    [Fact]
    public async Task Counters_HashesAndSortedSets_Answer()
    {
        Assert.Equal(1, await client.IncrementAsync(prefix + "n", cancellationToken: Cancellation));
        Assert.Equal(-4, await client.IncrementAsync(prefix + "n", -5, Cancellation));

        Assert.Empty(await client.HashGetAllAsync(prefix + "h", Cancellation));
        Assert.True(await client.HashSetAsync(prefix + "h", "f", "1", Cancellation));
        Assert.False(await client.HashSetAsync(prefix + "h", "f", "2", Cancellation));
        Assert.Equal("2", Encoding.UTF8.GetString((await client.HashGetAllAsync(prefix + "h", Cancellation))["f"]));
        using (var field = await client.HashGetAsync(prefix + "h", "f", Cancellation))
            Assert.Equal("2", field.ToString());
        Assert.True(await client.HashDeleteAsync(prefix + "h", "f", Cancellation));

        Assert.True(await client.SortedSetAddAsync(prefix + "z", "a", 1.5, Cancellation));
        Assert.True(await client.SortedSetAddAsync(prefix + "z", "b", double.PositiveInfinity, Cancellation));
        Assert.Equal(1.5, await client.SortedSetScoreAsync(prefix + "z", "a", Cancellation));
        Assert.Equal(double.PositiveInfinity, await client.SortedSetScoreAsync(prefix + "z", "b", Cancellation));
        Assert.Null(await client.SortedSetScoreAsync(prefix + "z", "c", Cancellation));
        Assert.Equal(["a"], (await client.SortedSetRangeAsync(prefix + "z", 1, 2, Cancellation)).Select(member => member.ToString()));
        Assert.Equal(1, await client.SortedSetRemoveRangeAsync(prefix + "z", 1, 2, Cancellation));
    }

    [Fact]
    public async Task Scan_ManyKeys_EachAtLeastOnce()
    {
        var names = Enumerable.Range(0, 500).Select(number => $"{prefix}scan:{number}").ToHashSet(StringComparer.Ordinal);
        await Task.WhenAll(names.Select(name => client.SetAsync(name, "1", TimeSpan.FromMinutes(1), cancellationToken: Cancellation).AsTask()));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in client.ScanAsync(prefix + "scan:*", 50, Cancellation))
            seen.Add(Encoding.UTF8.GetString(key));
        Assert.Equal(names, seen);
    }

    [Fact]
    public async Task Evaluate_UnknownThenKnownScript_SameResult()
    {
        var script = new RedisScript($"return {{ARGV[1], KEYS[1], 7}} -- {prefix}");
        for (var time = 0; time < 2; time++)
        {
            var reply = await client.EvaluateAsync(script, [prefix + "k"], ["v"], Cancellation);
            Assert.Equal(["v", prefix + "k", "7"], reply.Items.Select(item => item.AsString()));
        }

        var error = await Assert.ThrowsAsync<RedisServerException>(async () => await client.EvaluateAsync(new RedisScript("return redis.error_reply('MYCODE no')"), [], [], Cancellation));
        Assert.Equal("MYCODE", error.Code);
    }

    [Fact]
    public async Task Execute_AnyCommand_WholeReply()
    {
        Assert.Equal("hi", (await client.ExecuteAsync("echo", "hi")).AsString());
        Assert.Equal(protocol == "resp3" ? RedisReplyKind.Map : RedisReplyKind.Array, (await client.ExecuteAsync("CONFIG GET", "maxmemory")).Kind);
        await client.ExecuteAsync("RPUSH", prefix + "list", "a", 2);
        Assert.Equal(["a", "2"], (await client.ExecuteAsync("LRANGE", prefix + "list", 0, -1)).Items.Select(item => item.AsString()));
        Assert.Contains("redis_version", await client.InfoAsync("server", Cancellation), StringComparison.Ordinal);
        Assert.True(await client.PingAsync(Cancellation) > TimeSpan.Zero);
        var wrongType = await Assert.ThrowsAsync<RedisServerException>(async () => await client.GetAsync(prefix + "list", Cancellation));
        Assert.Equal("WRONGTYPE", wrongType.Code);
        var unknown = await Assert.ThrowsAsync<RedisServerException>(async () => await client.ExecuteAsync("NOSUCHCOMMAND"));
        Assert.Equal("ERR", unknown.Code);
    }

    [Theory]
    [InlineData("BLPOP", "blocks")]
    [InlineData("multi", "EvaluateAsync")]
    [InlineData("SELECT", "defaultDatabase")]
    [InlineData("client tracking", "IInvalidationSource")]
    [InlineData("SUBSCRIBE", "SubscribeAsync")]
    public async Task Execute_CommandThatHarmsOthers_RefusedWithWhatToDo(string command, string expected)
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(async () => await client.ExecuteAsync(command, "x"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execute_SubcommandAsArgument_RefusedToo()
    {
        Assert.True((await client.ExecuteAsync("CLIENT", "ID")).AsInt64() > 0);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await client.ExecuteAsync("CLIENT", "reply", "OFF"));
        await Assert.ThrowsAsync<RedisServerException>(async () => await client.ExecuteAsync("XREAD", "STREAMS", prefix + "s"));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await client.ExecuteAsync("XREAD", "BLOCK", 0, "STREAMS", prefix + "s", 0));
    }

    [Fact]
    public async Task Keys_Hostile_WorkAndHarmNothing()
    {
        foreach (var name in (string[])["\r\n", "a\r\nDEL b\r\n", "\0", "$5\r\nhello", new string('k', 100_000), "€😀", "\ud800"])
        {
            await client.SetAsync(prefix + name, name, TimeSpan.FromMinutes(1), cancellationToken: Cancellation);
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)), await client.GetStringAsync(prefix + name, Cancellation));
        }
    }

    [Fact]
    public async Task Sizes_AroundEveryBoundary_ComeBackWhole()
    {
        foreach (var size in (int[])[1, 9, 10, 4095, 16_383, 16_384, 65_527, 65_528, 65_535, 65_536, 65_537, 131_072, 1_000_000, 5_000_000])
        {
            var value = new byte[size];
            new Random(size).NextBytes(value);
            await client.SetAsync(prefix + "size", value, TimeSpan.FromMinutes(1), cancellationToken: Cancellation);
            using var read = await client.GetAsync(prefix + "size", Cancellation);
            Assert.True(read.Span.SequenceEqual(value), $"{size} bytes");
            Assert.Equal(size, (await client.ExecuteAsync("GET", prefix + "size")).Bytes.Length);
        }
    }

    [Fact]
    public async Task Concurrent_ManyCallersAndSizes_EachGetsItsOwn()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var round = 0; round < 100; round++)
            {
                var value = new byte[random.Next(0, random.Next(0, 50) == 0 ? 200_000 : 300)];
                random.NextBytes(value);
                await client.SetAsync(prefix + caller, value, TimeSpan.FromMinutes(1), cancellationToken: Cancellation);
                using var read = await client.GetAsync(prefix + caller, Cancellation);
                Assert.True(read.Span.SequenceEqual(value));
            }
        })));
    }
}

public sealed class Resp3CommandTests() : RedisClientCommandTests("resp3");

public sealed class Resp2CommandTests() : RedisClientCommandTests("resp2");
