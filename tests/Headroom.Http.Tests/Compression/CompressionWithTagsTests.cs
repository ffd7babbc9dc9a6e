using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.Compression;

/// <summary>Together with conditional requests, in either order: a compressed form never has the strong tag of the plain one, and either form of the tag gets the 304.</summary>
public sealed class CompressionWithTagsTests
{
    static readonly string Content = string.Concat(Enumerable.Range(0, 500).Select(i => $$"""{"id":{{i}},"name":"row"},"""));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EitherOrder_TagsAndConditions_GoTogether(bool compressionFirst)
    {
        await using var app = await HttpApp.StartAsync(
            web =>
            {
                if (compressionFirst)
                    web.UseHeadroomCompression().UseConditionalRequests();
                else
                    web.UseConditionalRequests().UseHeadroomCompression();
                web.MapGet("/", () => Results.Content(Content, "application/json")).WithETag();
            },
            services => services.AddHeadroomCompression());

        using var plain = await app.GetAsync("/");
        Assert.StartsWith("\"", plain.Header("ETag"), StringComparison.Ordinal);
        foreach (var coding in new[] { "br", "gzip", "identity" })
        {
            using var full = await app.GetAsync("/", "Accept-Encoding: " + coding);
            Assert.Equal(coding == "identity" ? null : coding, full.Header("Content-Encoding"));
            Assert.Equal(coding == "identity" ? plain.Header("ETag") : "W/" + plain.Header("ETag"), full.Header("ETag"));
            Assert.Equal(Content, Encoded.Text(await full.BytesAsync(), coding));
            foreach (var known in new[] { plain.Header("ETag"), "W/" + plain.Header("ETag") })
            {
                using var response = await app.GetAsync("/", "Accept-Encoding: " + coding, "If-None-Match: " + known);
                Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
                // In the form that the client knows; or weak, where the tag was weakened before it was compared, which a cache takes for either (RFC 9111 §4.3.4).
                Assert.Equal(compressionFirst || coding == "identity" ? known : "W/" + plain.Header("ETag"), response.Header("ETag"));
                Assert.Equal("Accept-Encoding", response.Header("Vary"));
                Assert.Null(response.Header("Content-Encoding"));
                Assert.Empty(await response.BytesAsync());
            }
        }
    }
}
