using Headroom.Gateway.Tests.Abuse;
using Microsoft.AspNetCore.Http;

namespace Headroom.Gateway.Tests.Forwarding;

/// <summary>Bodies that no memory could hold. Alone, because it reads the memory of the whole process.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class ConstantMemoryTests
{
    private const long OneGigabyte = 1L << 30;

    [Fact]
    public async Task Answer_OneGigabyte_IsPassedInConstantMemory()
    {
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            context.Response.ContentLength = OneGigabyte;
            var block = new byte[256 * 1024];
            for (var sent = 0L; sent < OneGigabyte; sent += block.Length)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        using var client = new HttpClient();
        var before = LiveBytes();

        await using var body = await client.GetStreamAsync(gateway.Url, TestContext.Current.CancellationToken);
        var (total, most) = (0L, 0L);
        var buffer = new byte[256 * 1024];
        while (await body.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
        {
            if (total / (1 << 28) != (total + read) / (1 << 28))
                most = Math.Max(most, LiveBytes() - before);
            total += read;
        }

        Assert.Equal(OneGigabyte, total);
        Assert.True(most < 32 << 20, $"{most} bytes more were alive");
    }

    [Fact]
    public async Task Request_OneGigabyte_IsPassedInConstantMemory()
    {
        var most = 0L;
        var before = 0L;
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            before = LiveBytes();
            var (total, buffer) = (0L, new byte[256 * 1024]);
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
            {
                if (total / (1 << 28) != (total + read) / (1 << 28))
                    most = Math.Max(most, LiveBytes() - before);
                total += read;
            }

            await context.Response.WriteAsync($"{total}");
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        using var client = new HttpClient();

        using var response = await client.PostAsync(gateway.Url, new StreamContent(new Zeros(OneGigabyte)), TestContext.Current.CancellationToken);

        Assert.Equal($"{OneGigabyte}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(most < 32 << 20, $"{most} bytes more were alive");
    }

    private static long LiveBytes()
    {
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private sealed class Zeros(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(_left, count);
            _left -= read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
