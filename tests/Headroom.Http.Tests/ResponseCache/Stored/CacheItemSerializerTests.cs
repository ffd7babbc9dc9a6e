using System.Buffers;
using System.Diagnostics.Metrics;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Purging;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.ResponseCache.Stored;

public sealed class CacheItemSerializerTests
{
    // Version 1, written on 2026-11-21. It must be readable as long as there are stores that have such values.
    const string FrozenResponse =
        "0100C801E8030000000000006407000000000000F4010000000000006075000000000000000110270000000000005046000000000000010322612201010201610362636416687474703A2F2F612E6578616D706C652F783F793D"
        + "310103666F6F080A666F6F3D313A3103044461746501134D6F6E2C2030312046656220323032362030300D43616368652D436F6E74726F6C010A6D61782D6167653D333004566172790203466F6F034261720301020300";

    static readonly CacheItemSerializer Serializer = new(Options.Create(new ResponseCacheOptions()));

    static StoredHead Head => new()
    {
        Status = 200,
        Requested = 1_000,
        Received = 1_892,
        InitialAge = 500,
        Terms = new Terms { Lifetime = 30_048, NeverStale = true, StaleWhileRevalidate = 10_000, StaleIfError = 18_000 },
        Tag = "\"a\"",
        TagIsOrigins = true,
        IsCompressible = true,
        Tags = ["a", "bcd"],
        Url = "http://a.example/x?y=1",
        VaryNames = ["foo"],
        VaryValues = "\nfoo=1:1",
        Headers = [new("Date", "Mon, 01 Feb 2026 00"), new("Cache-Control", "max-age=30"), new("Vary", new(["Foo", "Bar"]))],
    };

    static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    static byte[] Bytes(CacheItem item) => Bytes(target => Serializer.Serialize(item, target));

    static CacheItem Read(byte[] bytes) => ((IHybridCacheSerializer<CacheItem>)Serializer).Deserialize(new ReadOnlySequence<byte>(bytes));

    [Fact]
    public void Response_WrittenAndRead_IsTheSame()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var stored = new StoredResponse(Head, [.. Enumerable.Repeat((byte)'x', 2_000)], "Headroom");
        Assert.NotNull(stored.FormOrEncode(ContentCoding.Brotli, new WholeEncoder(new CompressionMetrics(meters))));
        var read = Read(Bytes(new CacheItem(stored))).Response!;
        Assert.Equal(stored.Content, read.Content);
        Assert.Equal(stored.Form(ContentCoding.Brotli)!.Content, read.Form(ContentCoding.Brotli)!.Content);
        Assert.Equal("\"a-br\"", read.Form(ContentCoding.Brotli)!.Tag);
        Assert.Null(read.Form(ContentCoding.Gzip));
        Assert.True(read.Head.IsOfOtherNode);
        Assert.Equal(Head.Headers, read.Head.Headers);
        Assert.Equal(Text(Head), Text(read.Head));
    }

    [Fact]
    public void Response_AsItWasFrozen_IsRead()
    {
        var stored = new StoredResponse(Head, [1, 2, 3], "Headroom");
        var bytes = Convert.ToHexString(Bytes(new CacheItem(stored)));
        Assert.True(FrozenResponse == bytes, bytes);
        var read = Read(Convert.FromHexString(FrozenResponse)).Response!;
        Assert.Equal(Text(Head), Text(read.Head));
        Assert.Equal([1, 2, 3], read.Content);
    }

    [Fact]
    public void Rule_WrittenAndRead_IsTheSame()
    {
        var read = Read(Bytes(new CacheItem(new VariantRule("7", ["accept", "origin"])))).Variants!;
        Assert.Equal("7", read.Number);
        Assert.Equal(["accept", "origin"], read.HeaderNames);
    }

    [Fact]
    public void Purges_WrittenAndRead_AreTheSame()
    {
        PurgeRule[] rules = [new(5, PurgeKind.Tag, "a", true, "n"), new(6, PurgeKind.Prefix, "http://", false, "m")];
        var read = ((IHybridCacheSerializer<PurgeList>)Serializer).Deserialize(new ReadOnlySequence<byte>(Bytes(target => Serializer.Serialize(new PurgeList(rules), target))));
        Assert.Equal(rules, read.Rules);
    }

    [Fact]
    public void Response_OfAnotherVersionOrDamaged_IsRefused()
    {
        var bytes = Bytes(new CacheItem(new StoredResponse(Head, [1, 2, 3], "Headroom")));
        for (var length = 0; length < bytes.Length; length++)
            Assert.ThrowsAny<Exception>(() => Read(bytes[..length]));
        bytes[0] = 2;
        Assert.Throws<InvalidDataException>(() => Read(bytes));
    }

    static string Text(StoredHead head) =>
        $"{head.Status} {head.Requested} {head.Received} {head.InitialAge} {head.Terms} {head.Tag} {head.TagIsOrigins} {head.IsCompressible} {head.Url} {head.VaryValues} {string.Join('|', head.Tags)} {string.Join('|', head.VaryNames)}";
}
