using Headroom.Http.ResponseCache.Rules;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9111 §4.3, §3.2, §4.4.</summary>
public sealed class ValidationTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    static string Ago(int seconds) => HttpDate.Format(Now.AddSeconds(-seconds));

    [Theory]
    [InlineData("If-None-Match: \"a\"", true)]
    [InlineData("If-None-Match: W/\"a\"", true)]
    [InlineData("If-None-Match: \"x\", \"a\"", true)]
    [InlineData("If-None-Match: *", true)]
    [InlineData("If-None-Match: \"x\"", false)]
    [InlineData("If-None-Match: a", false)]
    [InlineData("If-None-Match: \"x\"|If-Modified-Since: @0", false)]
    [InlineData("If-Modified-Since: @-100", true)]
    [InlineData("If-Modified-Since: @-99", true)]
    [InlineData("If-Modified-Since: @-101", false)]
    [InlineData("If-Modified-Since: yesterday", false)]
    [InlineData("X: 1", false)]
    public void IsNotModified_Section4_3_2(string request, bool expected) =>
        Assert.Equal(expected, Validation.IsNotModified(FreshnessTests.Headers(request.Split('|')), "\"a\"", Ago(100), Ago(0), Now));

    [Fact]
    public void IsNotModified_WithoutLastModified_TheDateStandsIn()
    {
        Assert.True(Validation.IsNotModified(FreshnessTests.Headers("If-Modified-Since: @-10"), null, null, Ago(10), Now));
        Assert.False(Validation.IsNotModified(FreshnessTests.Headers("If-Modified-Since: @-11"), null, null, Ago(10), Now));
    }

    [Theory]
    [InlineData("ETag: \"a\"", true)]
    [InlineData("ETag: W/\"a\"", true)]
    [InlineData("ETag: \"b\"", false)]
    [InlineData("X: 1", true)]
    public void Selects_Section4_3_4(string notModified, bool expected) => Assert.Equal(expected, Validation.Selects(FreshnessTests.Headers(notModified), "\"a\"", Ago(5)));

    [Fact]
    public void Updated_Section3_2_ReplacesAllButWhatIsAboutTheBytes()
    {
        KeyValuePair<string, StringValues>[] stored = [new("A", "1"), new("B", "1"), new("Content-Length", "10"), new("Content-Encoding", "gzip"), new("Age", "5"), new("ETag", "\"a\"")];
        var update = FreshnessTests.Headers("b: 2", "C: 3", "Content-Length: 0", "Content-Encoding: br", "Connection: x", "X: 1", "Transfer-Encoding: chunked");
        var updated = Validation.Updated(stored, update).ToDictionary(each => each.Key.ToLowerInvariant(), each => each.Value.ToString(), StringComparer.Ordinal);
        Assert.Equal(
            ["a=1", "b=2", "c=3", "content-encoding=gzip", "content-length=10", "etag=\"a\""],
            updated.Select(each => $"{each.Key}={each.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ETag: \"a\"", true)]
    [InlineData("ETag: \"b\"", false)]
    [InlineData("Content-Length: 10", true)]
    [InlineData("Content-Length: 11", false)]
    [InlineData("Last-Modified: @-100", true)]
    [InlineData("Last-Modified: @-99", false)]
    [InlineData("X: 1", true)]
    public void HeadIsOf_Section4_3_5(string head, bool expected) => Assert.Equal(expected, Validation.HeadIsOf(FreshnessTests.Headers(head), "\"a\"", Ago(100), 10));

    [Theory]
    [InlineData("/b?c=1", "/b?c=1")]
    [InlineData("/b%2Fc#x", "/b%2Fc")]
    [InlineData("c", "/dir/c")]
    [InlineData("http://a.example/b", "/b")]
    [InlineData("http://A.example:80/b", "/b")]
    [InlineData("//a.example/b", "/b")]
    [InlineData("https://a.example/b", null)]
    [InlineData("http://other.example/b", null)]
    [InlineData("http://a.example:8080/b", null)]
    [InlineData("//other.example/b", null)]
    [InlineData("http://", null)]
    [InlineData("", null)]
    public void SameOriginTarget_Section4_4(string reference, string? expected) =>
        Assert.Equal(expected, Invalidation.SameOriginTarget(reference, "http", "a.example", "/dir/x"));

    [Theory]
    [InlineData("POST", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("PATCH", true)]
    [InlineData("M-SEARCH", true)]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    [InlineData("OPTIONS", false)]
    public void IsUnsafe_Section4_4_AlsoOfUnknownMethods(string method, bool expected) => Assert.Equal(expected, Invalidation.IsUnsafe(method));

    [Theory]
    [InlineData("\"abc\"", "\"abc-br\"")]
    [InlineData("W/\"abc\"", "W/\"abc-br\"")]
    [InlineData("abc", "abc")]
    public void Suffixed_AForm_HasATagOfItsOwn(string tag, string expected) => Assert.Equal(expected, EntityTag.Suffixed(tag, "br"));

    [Fact]
    public void Format_Rfc9211_EveryParameter()
    {
        Assert.Equal("Headroom; hit; ttl=5", new CacheStatus { Hit = true, Ttl = 5 }.Format("Headroom"));
        Assert.Equal(
            "Headroom; fwd=uri-miss; fwd-status=200; stored; collapsed; key=\"http|a\\\"\"; detail=x",
            new CacheStatus { Forward = Forwarded.UriMiss, ForwardStatus = 200, Stored = true, Collapsed = true, Key = "http\na\"", Detail = "x" }.Format("Headroom"));
    }
}
