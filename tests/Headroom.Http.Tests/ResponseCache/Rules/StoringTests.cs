using Headroom.Http.ResponseCache.Rules;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9111 §3.</summary>
public sealed class StoringTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    static NotStored Decide(string lines, string method = "GET", int status = 200, string request = "", bool isAuthorized = false, string requestHeader = "X: 1")
    {
        var headers = FreshnessTests.Headers(lines.Split('|', StringSplitOptions.RemoveEmptyEntries));
        var targeted = CacheControl.ParseTargeted(headers["CDN-Cache-Control"]);
        var directives = targeted ?? CacheControl.Parse(headers.CacheControl);
        var lifetime = Freshness.LifetimeOf(directives, targeted is not null, status, headers, Now, TimeSpan.FromDays(1));
        return Storing.Decide(new ResponseHead(method, FreshnessTests.Headers(requestHeader), CacheControl.Parse(request), isAuthorized, status, headers, directives, lifetime));
    }

    [Theory]
    [InlineData("Cache-Control: max-age=60", "No")]
    [InlineData("Cache-Control: no-store, max-age=60", "NoStore")]
    [InlineData("Cache-Control: No-StOrE, max-age=60", "NoStore")]
    [InlineData("Cache-Control: private, max-age=60", "Private")]
    [InlineData("Cache-Control: private=\"x\", max-age=60", "No")]
    [InlineData("Cache-Control: max-age=60|Set-Cookie: a=b", "SetCookie")]
    [InlineData("Cache-Control: max-age=60|Vary: *", "VaryStar")]
    [InlineData("Cache-Control: max-age=60|Vary: Foo, *", "VaryStar")]
    [InlineData("Cache-Control: max-age=60|Vary: Foo", "No")]
    [InlineData("Cache-Control: max-age=60|Content-Type: text/event-stream", "EventStream")]
    [InlineData("", "NoFreshness")]
    [InlineData("ETag: \"a\"", "NoFreshness")]
    [InlineData("Cache-Control: max-age=0", "NoFreshness")]
    [InlineData("Cache-Control: max-age=0|ETag: \"a\"", "No")]
    [InlineData("Cache-Control: no-cache", "NoFreshness")]
    [InlineData("Cache-Control: no-cache|ETag: \"a\"", "No")]
    [InlineData("Cache-Control: no-cache, max-age=60", "NoFreshness")]
    [InlineData("Expires: @60|Date: @0", "No")]
    [InlineData("Expires: 0|Date: @0", "NoFreshness")]
    [InlineData("CDN-Cache-Control: max-age=60|Cache-Control: no-store", "No")]
    [InlineData("CDN-Cache-Control: no-store|Cache-Control: max-age=60", "NoStore")]
    [InlineData("CDN-Cache-Control: private|Cache-Control: max-age=60", "Private")]
    [InlineData("CDN-Cache-Control: max-age=60, &&&|Cache-Control: no-store", "NoStore")]
    public void Decide_Section3_OfAGet(string lines, string expected) => Assert.Equal(expected, Decide(lines).ToString());

    [Theory]
    [InlineData("POST", 200, "Method")]
    [InlineData("HEAD", 200, "Method")]
    [InlineData("GET", 206, "Status")]
    [InlineData("GET", 304, "Status")]
    [InlineData("GET", 199, "Status")]
    [InlineData("GET", 404, "No")]
    [InlineData("GET", 500, "No")]
    [InlineData("GET", 599, "No")]
    public void Decide_MethodAndStatus(string method, int status, string expected) => Assert.Equal(expected, Decide("Cache-Control: max-age=60", method, status).ToString());

    [Theory]
    [InlineData(200, "No")]
    [InlineData(404, "No")]
    [InlineData(299, "NotUnderstood")]
    [InlineData(599, "NotUnderstood")]
    public void Decide_Section5_2_2_3_MustUnderstandOverridesNoStoreForKnownStatuses(int status, string expected) =>
        Assert.Equal(expected, Decide("Cache-Control: no-store, must-understand, max-age=60", status: status).ToString());

    [Theory]
    [InlineData("max-age=60", "Authorization")]
    [InlineData("max-age=60, public", "No")]
    [InlineData("max-age=60, must-revalidate", "No")]
    [InlineData("s-maxage=60", "No")]
    [InlineData("max-age=60, proxy-revalidate", "Authorization")]
    public void Decide_Section3_5_Authorization(string directives, string expected) => Assert.Equal(expected, Decide($"Cache-Control: {directives}", isAuthorized: true).ToString());

    [Fact]
    public void Decide_Section5_2_1_5_NoStoreOfTheRequest() => Assert.Equal(NotStored.NoStore, Decide("Cache-Control: max-age=60", request: "no-store"));

    [Theory]
    [InlineData("X-HTTP-Method-Override: DELETE", "Unkeyed")]
    [InlineData("X-Original-URL: /admin", "Unkeyed")]
    [InlineData("X-Forwarded-Host: evil.example", "No")]
    [InlineData("Cookie: a=b", "No")]
    public void Decide_RequestsThatMeanMoreThanTheirKey_AreNotStored(string requestHeader, string expected) =>
        Assert.Equal(expected, Decide("Cache-Control: max-age=60", requestHeader: requestHeader).ToString());

    [Theory]
    [InlineData("Cookie: a=b", "Personal")]
    [InlineData("Authorization: x", "Personal")]
    [InlineData("Accept: x", "No")]
    public void Decide_HeuristicFreshness_NotForSomebodyInParticular(string requestHeader, string expected) =>
        Assert.Equal(expected, Decide("Last-Modified: @-1000|Date: @0", requestHeader: requestHeader).ToString());
}
