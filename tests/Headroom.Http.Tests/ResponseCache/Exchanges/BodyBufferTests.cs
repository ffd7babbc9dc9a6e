using System.Buffers;
using Headroom.Http.ResponseCache.Exchanges;

namespace Headroom.Http.Tests.ResponseCache.Exchanges;

public sealed class BodyBufferTests
{
    [Fact]
    public async Task ReadAsync_BeforeTheBodyGrows_WhatWasReadStays()
    {
        var body = new BodyBuffer();
        body.Append(Bytes(4000, 1));
        var part = await body.ReadAsync(0, TestContext.Current.CancellationToken);
        body.Append(Bytes(60_000, 2));
        body.ToArray();
        OverwritePool();
        Assert.Equal(Bytes(4000, 1), part.Bytes.ToArray());
    }

    [Fact]
    public async Task ToArray_OfAnyLength_IsTheWriters()
    {
        foreach (var length in new[] { 0, 1, 4095, 4096, 4097, 65_536, 300_000 })
        {
            var body = new BodyBuffer();
            for (var at = 0; at < length; at += 1000)
                body.Append(Bytes(Math.Min(1000, length - at), (byte)(at / 1000)));
            body.End(whole: true);
            var all = body.ToArray();
            OverwritePool();
            Assert.Equal(length, all.Length);
            for (var at = 0; at < length; at++)
                Assert.Equal((byte)(at / 1000), all[at]);

            // Who comes late reads the same.
            var late = await body.ReadAsync(0, TestContext.Current.CancellationToken);
            Assert.Equal(all, late.Bytes.ToArray());
        }
    }

    [Fact]
    public void Append_ManyBodiesInTurn_RentsTheSameArraysAgain()
    {
        Fill();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
            Fill();

        // Each leaves its own array of 300,000 bytes, and not the megabyte that it grew through.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 20 * 300_000, 20 * 320_000);

        static void Fill()
        {
            var body = new BodyBuffer();
            for (var at = 0; at < 300; at++)
                body.Append(Thousand);
            body.ToArray();
        }
    }

    static byte[] Bytes(int length, byte value)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }

    static readonly byte[] Thousand = [.. Enumerable.Repeat((byte)3, 1000)];

    /// <summary>Whatever was given back is written over.</summary>
    static void OverwritePool()
    {
        var rented = Enumerable.Range(0, 64).Select(i => ArrayPool<byte>.Shared.Rent(4096 << (i % 8))).ToList();
        foreach (var array in rented)
            Array.Fill(array, (byte)0xEE);
        foreach (var array in rented)
            ArrayPool<byte>.Shared.Return(array);
    }
}
