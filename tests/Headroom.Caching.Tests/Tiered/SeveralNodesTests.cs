namespace Headroom.Caching.Tests.Tiered;

public sealed class SeveralNodesTests : IDisposable
{
    readonly ManualTime time;
    readonly Nodes nodes;

    public SeveralNodesTests()
    {
        time = new ManualTime();
        nodes = new Nodes(time);
    }

    public void Dispose() => nodes.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    void TellEverything()
    {
        foreach (var key in nodes.Store.Keys)
            nodes.Tell(key);
    }

    [Fact]
    public async Task GetOrCreateAsync_OnAnotherNode_TheValueComesFromTheStore()
    {
        await nodes.Add().GetOrCreateAsync("key", _ => new ValueTask<string>("first"), cancellationToken: Cancellation);
        var second = nodes.Add();
        Assert.Equal("first", await second.GetOrCreateAsync("key", _ => new ValueTask<string>("second"), cancellationToken: Cancellation));
        Assert.Equal(1, second.Stats().DistributedHits);
        Assert.True(second.TryGet<string>("key", out _));
    }

    [Fact]
    public async Task RemoveByTagAsync_FreshNode_NeverServesTheOldValue()
    {
        var one = nodes.Add();
        await one.GetOrCreateAsync("key", _ => new ValueTask<string>("old"), tags: ["t"], cancellationToken: Cancellation);
        await one.RemoveByTagAsync("t", Cancellation);
        for (var i = 0; i < 50; i++)
            Assert.Equal("new", await nodes.Add().GetOrCreateAsync("key", _ => new ValueTask<string>("new"), tags: ["t"], cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("all")]
    [InlineData("set")]
    public async Task StoreTells_WhatAnotherNodeChanged_MemoryDropsIt(string what)
    {
        var (one, two) = (nodes.Add(), nodes.Add());
        await one.GetOrCreateAsync("key", _ => new ValueTask<string>("old"), tags: ["t"], cancellationToken: Cancellation);
        await two.GetOrCreateAsync("key", _ => new ValueTask<string>("?"), cancellationToken: Cancellation);
        await (what switch
        {
            "key" => one.RemoveAsync("key", Cancellation),
            "tag" => one.RemoveByTagAsync("t", Cancellation),
            "set" => one.SetAsync("key", "new", cancellationToken: Cancellation),
            _ => one.ClearAsync(Cancellation),
        });
        Assert.True(two.TryGet<string>("key", out _));
        TellEverything();
        Assert.False(two.TryGet<string>("key", out _));
        Assert.Equal("new", await two.GetOrCreateAsync("key", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task StoreTells_WhileAFactoryRunsHere_ItsValueIsNotKept()
    {
        var (one, two) = (nodes.Add(), nodes.Add());
        var release = new TaskCompletionSource<string>();
        var making = two.GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        await one.RemoveAsync("key", Cancellation);
        TellEverything();
        release.SetResult("old");
        await making;
        Assert.False(two.TryGet<string>("key", out _));
        Assert.Equal("new", await nodes.Add().GetOrCreateAsync("key", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task RemoveAsync_OnAnotherNodeThatNobodyTells_TheValueMadeBeforeIsNotInTheStoreAndGoesFromMemoryWithinSeconds()
    {
        var (one, two) = (nodes.Add(isTold: false), nodes.Add(isTold: false));
        var release = new TaskCompletionSource<string>();
        var making = two.GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        await one.RemoveAsync("key", Cancellation);
        release.SetResult("old");
        await making;
        Assert.Equal("new", await one.GetOrCreateAsync("key", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("new", await two.GetOrCreateAsync("key", _ => new ValueTask<string>("newer"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Interrupted_MemoryIsOverAtOnceAndBelievedForSecondsOnlyUntilResumed()
    {
        var node = nodes.Add();
        await node.SetAsync("key", "1", cancellationToken: Cancellation);
        nodes.Interrupt();
        Assert.False(node.TryGet<string>("key", out _));
        await node.SetAsync("key", "2", cancellationToken: Cancellation);
        Assert.True(node.TryGet<string>("key", out _));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(node.TryGet<string>("key", out _));
        await node.SetAsync("key", "3", cancellationToken: Cancellation);
        nodes.Resume();
        Assert.False(node.TryGet<string>("key", out _));
        await node.SetAsync("key", "4", cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(node.TryGet<string>("key", out _));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("set")]
    public async Task Change_SomebodyAsksBeforeTheStoreHasIt_TheOldValueDoesNotStayInMemory(string what)
    {
        var node = nodes.Add();
        await node.SetAsync("key", "old", tags: ["t"], cancellationToken: Cancellation);
        var release = new TaskCompletionSource();
        nodes.Store.Before = async (step, _, _) =>
        {
            if (step == "set")
                await release.Task;
        };
        var changing = what switch
        {
            "key" => node.RemoveAsync("key", Cancellation).AsTask(),
            "tag" => node.RemoveByTagAsync("t", Cancellation).AsTask(),
            _ => node.SetAsync("key", "new", cancellationToken: Cancellation).AsTask(),
        };

        // The store still has the old value, and says so.
        var options = new Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryOptions { Flags = Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags.DisableLocalCacheRead };
        Assert.Equal("old", await node.GetOrCreateAsync("key", _ => new ValueTask<string>("made"), options, cancellationToken: Cancellation));
        release.SetResult();
        await changing;
        Assert.Equal("new", await node.GetOrCreateAsync("key", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("user:")]
    [InlineData("us*r?:")]
    [InlineData(@"u\s[er]:")]
    public async Task RemoveByPrefixAsync_KeysThatOnlyTheStoreHas_AreRemovedAndToldToOthers(string prefix)
    {
        var (one, two) = (nodes.Add(), nodes.Add());
        for (var key = 0; key < 10; key++)
            await one.SetAsync($"{prefix}{key}", "old", cancellationToken: Cancellation);
        await one.SetAsync("xuser:1", "other", cancellationToken: Cancellation);
        var fresh = nodes.Add();
        await fresh.SetAsync($"{prefix}own", "old", cancellationToken: Cancellation);
        Assert.Equal(11, await fresh.RemoveByPrefixAsync(prefix, Cancellation));
        Assert.Equal("xuser:1", Assert.Single(nodes.Store.Keys.Where(key => key.Contains("e:", StringComparison.Ordinal)).Select(key => key["headroom:e:{".Length..^1])));
        Assert.Equal("new", await two.GetOrCreateAsync($"{prefix}3", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
        TellEverything();
        Assert.False(one.TryGet<string>($"{prefix}4", out _));
    }

    [Fact]
    public async Task RemoveByPatternAsync_KeysThatOnlyTheStoreHas_OnlyThoseThatMatch()
    {
        await nodes.Add().SetAsync("user:1:orders", "old", cancellationToken: Cancellation);
        await nodes.Add().SetAsync("user:1:name", "old", cancellationToken: Cancellation);
        Assert.Equal(1, await nodes.Add().RemoveByPatternAsync("user:?:orders", Cancellation));
        Assert.Equal("old", await nodes.Add().GetOrCreateAsync("user:1:name", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
        Assert.Equal("new", await nodes.Add().GetOrCreateAsync("user:1:orders", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task RemoveByPrefixAsync_StoreAwayInTheMiddle_IsDoneWhenItIsBack()
    {
        var one = nodes.Add();
        for (var key = 0; key < 10; key++)
            await one.SetAsync($"user:{key}", "old", cancellationToken: Cancellation);
        var searches = 0;
        nodes.Store.Before = (step, _, _) => step == "find" && ++searches > 2 ? throw new IOException("away") : Task.CompletedTask;
        var remover = nodes.Add();
        await remover.RemoveByPrefixAsync("user:", Cancellation);
        Assert.Contains(nodes.Store.Keys, key => key.Contains("e:", StringComparison.Ordinal));
        Assert.Equal("from the source", await remover.GetOrCreateAsync("user:9", _ => new ValueTask<string>("from the source"), cancellationToken: Cancellation));

        nodes.Store.Before = null;
        time.Advance(TimeSpan.FromSeconds(2));
        for (var key = 0; key < 10; key++)
            Assert.Equal("new", await nodes.Add().GetOrCreateAsync($"user:{key}", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task StoreHasADamagedEntry_IsAMiss()
    {
        var one = nodes.Add();
        await one.SetAsync("key", "value", cancellationToken: Cancellation);
        var name = nodes.Store.Keys.Single(key => key.Contains("e:", StringComparison.Ordinal));
        nodes.Store[name] = [1, 2, 3];
        Assert.Equal("new", await nodes.Add().GetOrCreateAsync("key", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task StoreHasAnotherType_IsAMiss()
    {
        await nodes.Add().SetAsync("key", "text", cancellationToken: Cancellation);
        Assert.Equal(7, await nodes.Add().GetOrCreateAsync("key", _ => new ValueTask<int>(7), cancellationToken: Cancellation));
    }
}
