using System.Net;
using Headroom.Http.RateLimits;
using Headroom.Http.Tests.ConditionalRequests;
using Headroom.Http.Tests.Streaming;
using Headroom.Testing;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.RateLimits;

/// <summary>Alone, because it reads the memory of the whole process.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class RateLimitPartitionsTests
{
    readonly ManualTime time = new();

    [Fact]
    public void Get_AMillionMadeUpKeys_KeepsNoMoreThanAllowedAndThoseWhoComeAgain()
    {
        var partitions = Partitions(1000);
        var regular = Enumerable.Range(0, 50).Select(i => PartitionKey.Of($"regular-{i}")).ToList();
        var known = regular.ConvertAll(key => partitions.Get(key));
        var before = 0L;
        for (var i = 0; i < 1_000_000; i++)
        {
            partitions.Get(PartitionKey.Of($"made-up-{i}")).Limiter.AttemptAcquire();
            if (i % 100 == 0)
                partitions.Get(regular[i / 100 % regular.Count]);
            if (i == 100_000)
                before = GC.GetTotalMemory(forceFullCollection: true);
        }

        Assert.Equal(1000, partitions.Count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4_000_000);

        // Each came again every 5,000 others: too seldom for a store of 1,000. Those that come every 500 stay.
        for (var i = 0; i < 100_000; i++)
        {
            partitions.Get(PartitionKey.Of($"other-{i}")).Limiter.AttemptAcquire();
            if (i % 10 == 0)
                known[i / 10 % 50] = partitions.Get(regular[i / 10 % 50]);
        }

        Assert.All(Enumerable.Range(0, 50), i => Assert.Same(known[i], partitions.Get(regular[i])));
        var stayed = known.ToList();
        for (var i = 0; i < 10_000; i++)
        {
            partitions.Get(PartitionKey.Of($"last-{i}")).Limiter.AttemptAcquire();
            if (i % 10 == 0)
                Assert.Same(stayed[i / 10 % 50], partitions.Get(regular[i / 10 % 50]));
        }
    }

    [Fact]
    public void Forget_OfSomeInTheMiddle_KeepsTheOthersAndMakesRoom()
    {
        var partitions = Partitions(10);
        var all = Enumerable.Range(0, 10).Select(i => partitions.Get(PartitionKey.Of($"{i}"))).ToList();
        all.ForEach(each => each.Limiter.AttemptAcquire());

        foreach (var forgotten in new[] { 0, 4, 9, 4 })
            partitions.Forget(all[forgotten]);
        Assert.Equal(7, partitions.Count);
        Assert.All(new[] { 1, 2, 3, 5, 6, 7, 8 }, i => Assert.Same(all[i], partitions.Get(all[i].Key)));
        Assert.NotSame(all[4], partitions.Get(all[4].Key));

        // What was forgotten and came again is another's: to forget the old one anew is nothing.
        partitions.Forget(all[4]);
        Assert.Equal(8, partitions.Count);
        for (var i = 10; i < 1_000; i++)
            partitions.Get(PartitionKey.Of($"{i}"));
        Assert.Equal((10, 10), (partitions.Count, partitions.All().Count()));
        foreach (var each in partitions.All().ToList())
            partitions.Forget(each);
        Assert.Equal((0, 0), (partitions.Count, partitions.All().Count()));
        Assert.NotNull(partitions.Get(PartitionKey.Of("after")));
    }

    /// <summary>The framework's sliding window has to be moved on by a timer, for each caller: for those of lately, not for all that ever came.</summary>
    [Fact]
    public async Task SlidingWindow_OfCallersThatAreGone_IsNotMovedOnForEver()
    {
        var policy = new RateLimitPolicy { Algorithm = RateLimitAlgorithm.SlidingWindow, Limit = 2, Window = TimeSpan.FromMilliseconds(60), Segments = 2 };
        using var limiter = new PolicyLimiter("sliding", policy, "plan", TimeProvider.System, shared: null);
        for (var i = 0; i < 100; i++)
            Assert.True(limiter.Check(PartitionKey.Of($"{i}")).IsAllowed);

        await Eventually.TrueAsync(() => limiter.PartitionCount == 0, "Callers that are gone are kept.");

        Assert.Equal([true, true], [limiter.Check(PartitionKey.Of("1")).IsAllowed, limiter.Check(PartitionKey.Of("1")).IsAllowed]);
    }

    [Fact]
    public void Get_Full_ForgetsOneWhoseQuotaIsWholeFirst()
    {
        var partitions = Partitions(3);
        var first = partitions.Get(PartitionKey.Of("used-1"));
        first.Limiter.AttemptAcquire();
        var idle = partitions.Get(PartitionKey.Of("idle"));
        var second = partitions.Get(PartitionKey.Of("used-2"));
        second.Limiter.AttemptAcquire();

        partitions.Get(PartitionKey.Of("new")).Limiter.AttemptAcquire();
        Assert.Same(first, partitions.Get(PartitionKey.Of("used-1")));
        Assert.Same(second, partitions.Get(PartitionKey.Of("used-2")));
        Assert.NotSame(idle, partitions.Get(PartitionKey.Of("idle")));
        Assert.Equal(3, partitions.Count);
    }

    [Fact]
    public void Check_ByAddressAndRoute_AllocatesNothing()
    {
        using var limiter = new PolicyLimiter("burst", new RateLimitPolicy { Limit = 1_000_000, By = RateLimitBy.Address | RateLimitBy.Route | RateLimitBy.User }, "plan", TimeProvider.System, shared: null);
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("2001:db8::1") } };
        for (var i = 0; i < 1000; i++)
            Check();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Check();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Check()
        {
            if (!limiter.TryGetKey(context, out var key) || !limiter.Check(key).IsAllowed)
                throw new InvalidOperationException("It was to pass.");
        }
    }

    [Theory]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("0.0.0.1", "::1", false)]
    [InlineData("0.0.0.0", "::", false)]
    public void AddressOf_TwoAddresses_AreOneCallerWhereTheyAreOneCustomers(string one, string other, bool same) =>
        Assert.Equal(same, PartitionKey.AddressOf(IPAddress.Parse(one)) == PartitionKey.AddressOf(IPAddress.Parse(other)));

    [Fact]
    public void Of_LongTexts_AreKeptAsTheirHash()
    {
        Assert.Equal(64, PartitionKey.Of(new string('a', 8000)).Text!.Length);
        Assert.NotEqual(PartitionKey.Of(new string('a', 8000)), PartitionKey.Of(new string('a', 8001)));
    }

    [Fact]
    public void Digest_DifferentParts_AreDifferentTexts()
    {
        PartitionKey[] keys = [new("a", "b", 0, null, null), new("b", "a", 0, null, null), new("ab", null, 0, null, null), new(null, "ab", 0, null, null), new(null, null, 7, null, null), new(null, null, 0, "ab", null), new(null, null, 0, null, "ab"), new("", null, 0, null, null), default];
        Assert.Equal(keys.Length, keys.Select(key => key.Digest()).Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{32}$", key.Digest()));
    }

    RateLimitPartitions Partitions(int most) => new(_ => new GcraRateLimiter(10, TimeSpan.FromMinutes(1), 10, time), most, disposeForgotten: false);
}
