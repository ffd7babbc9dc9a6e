using Headroom.Http.Compression;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.Compression;

public sealed class CompressibleTests
{
    readonly Compressible compressible = new(new CompressionOptions());

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("Application/JSON;charset=utf-8", true)]
    [InlineData("application/problem+json", true)]
    [InlineData("image/svg+xml", true)]
    [InlineData("text/csv", true)]
    [InlineData("text/html", true)]
    [InlineData("application/wasm", true)]
    [InlineData("text/event-stream", false)]
    [InlineData("Text/Event-Stream; charset=utf-8", false)]
    [InlineData("image/png", false)]
    [InlineData("application/octet-stream", false)]
    [InlineData("application/jsonx", false)]
    [InlineData("textile/plain", false)]
    [InlineData("application/grpc", false)]
    [InlineData(null, false)]
    public void Is_ByContentType(string? contentType, bool expected) => Assert.Equal(expected, compressible.Is(200, Headers(("Content-Type", contentType))));

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, true)]
    [InlineData(203, true)]
    [InlineData(404, true)]
    [InlineData(500, true)]
    [InlineData(101, false)]
    [InlineData(204, false)]
    [InlineData(205, false)]
    [InlineData(206, false)]
    [InlineData(304, false)]
    public void Is_ByStatus(int status, bool expected) => Assert.Equal(expected, compressible.Is(status, Headers(("Content-Type", "application/json"))));

    [Theory]
    [InlineData("Content-Encoding", "br")]
    [InlineData("Content-Encoding", "zstd")]
    [InlineData("Content-Range", "bytes 0-10/20")]
    [InlineData("Cache-Control", "no-transform")]
    [InlineData("Cache-Control", "public, max-age=60,No-Transform")]
    [InlineData("Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ==")]
    [InlineData("Content-Digest", "sha-256=:AAAA:")]
    [InlineData("Repr-Digest", "sha-256=:AAAA:")]
    [InlineData("Digest", "sha-256=AAAA")]
    public void Is_AHeaderThatForbidsIt_No(string name, string value) => Assert.False(compressible.Is(200, Headers(("Content-Type", "application/json"), (name, value))));

    [Fact]
    public void MayBeEncoded_AnotherType_Yes()
    {
        Assert.True(Compressible.MayBeEncoded(200, Headers(("Content-Type", "image/png"))));
        Assert.True(Compressible.MayBeEncoded(200, Headers()));
        Assert.False(Compressible.MayBeEncoded(200, Headers(("Content-Type", "text/event-stream"))));
    }

    [Theory]
    [InlineData(null, "Accept-Encoding")]
    [InlineData("Origin", "Origin,Accept-Encoding")]
    [InlineData("origin, accept-encoding", "origin, accept-encoding")]
    [InlineData("*", "*")]
    [InlineData("X-Accept-Encoding", "X-Accept-Encoding,Accept-Encoding")]
    public void VaryByEncoding_Vary_NamesItOnce(string? before, string after)
    {
        IHeaderDictionary headers = Headers(("Vary", before));
        Compressible.VaryByEncoding(headers);
        Assert.Equal(after, headers.Vary.ToString());
    }

    [Theory]
    [InlineData("\"abc\"", "W/\"abc\"")]
    [InlineData("W/\"abc\"", "W/\"abc\"")]
    [InlineData(null, "")]
    public void WeakenTag_Tag_IsWeak(string? before, string after)
    {
        IHeaderDictionary headers = Headers(("ETag", before));
        Compressible.WeakenTag(headers);
        Assert.Equal(after, headers.ETag.ToString());
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("text/*", true)]
    [InlineData("*/*+json", true)]
    [InlineData("*", false)]
    [InlineData("*/*", false)]
    [InlineData("*/json", false)]
    [InlineData("*/*+", false)]
    [InlineData("*/*+*", false)]
    [InlineData("text/**", false)]
    [InlineData("te*t/plain", false)]
    [InlineData("text", false)]
    [InlineData("text/", false)]
    [InlineData("/plain", false)]
    [InlineData("a/b/c", false)]
    [InlineData("text/plain; charset=utf-8", false)]
    [InlineData("text/plain,text/html", false)]
    [InlineData(" text/plain", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void IsPattern_Pattern(string? pattern, bool expected) => Assert.Equal(expected, MediaTypes.IsPattern(pattern));

    static HeaderDictionary Headers(params (string Name, string? Value)[] fields)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
                headers[name] = value;
        }

        return headers;
    }
}
