using Headroom.Http.ResponseCache.Rules;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9111 §4.2.4, §5.2.1; RFC 5861.</summary>
public sealed class ReusingTests
{
    static Terms TermsOf(string response)
    {
        var directives = CacheControl.Parse(response);
        var lifetime = new Lifetime((directives.SharedMaxAge ?? directives.MaxAge ?? 0) * 1000, FreshnessSource.MaxAge);
        return Terms.Of(directives, lifetime, TimeSpan.Zero, TimeSpan.Zero);
    }

    [Theory]
    [InlineData("max-age=60", 0, "", "Fresh")]
    [InlineData("max-age=60", 59, "", "Fresh")]
    [InlineData("max-age=60", 60, "", "Revalidate")]
    [InlineData("max-age=60, no-cache", 0, "", "Revalidate")]
    [InlineData("max-age=60, no-cache=\"a\"", 0, "", "Fresh")]
    [InlineData("max-age=60", 0, "no-cache", "RevalidateForRequest")]
    [InlineData("max-age=60", 0, "max-age=0", "RevalidateForRequest")]
    [InlineData("max-age=60", 30, "max-age=30", "Fresh")]
    [InlineData("max-age=60", 31, "max-age=30", "RevalidateForRequest")]
    [InlineData("max-age=60", 30, "max-age=x", "RevalidateForRequest")]
    [InlineData("max-age=60", 30, "min-fresh=30", "Fresh")]
    [InlineData("max-age=60", 31, "min-fresh=30", "RevalidateForRequest")]
    [InlineData("max-age=60", 70, "max-stale", "Stale")]
    [InlineData("max-age=60", 70, "max-stale=10", "Stale")]
    [InlineData("max-age=60", 71, "max-stale=10", "Revalidate")]
    [InlineData("max-age=60", 70, "max-stale=x", "Revalidate")]
    [InlineData("max-age=60, must-revalidate", 70, "max-stale", "Revalidate")]
    [InlineData("max-age=60, proxy-revalidate", 70, "max-stale", "Revalidate")]
    [InlineData("s-maxage=60", 70, "max-stale", "Revalidate")]
    [InlineData("max-age=60, stale-while-revalidate=30", 60, "", "StaleWhileRevalidate")]
    [InlineData("max-age=60, stale-while-revalidate=30", 89, "", "StaleWhileRevalidate")]
    [InlineData("max-age=60, stale-while-revalidate=30", 90, "", "Revalidate")]
    [InlineData("max-age=60, stale-while-revalidate=30, must-revalidate", 70, "", "Revalidate")]
    [InlineData("s-maxage=60, stale-while-revalidate=30", 70, "", "StaleWhileRevalidate")]
    [InlineData("max-age=60, stale-while-revalidate=30", 70, "no-cache", "RevalidateForRequest")]
    [InlineData("max-age=60, stale-while-revalidate=30", 70, "max-age=60", "RevalidateForRequest")]
    public void Decide_EachCase(string response, int age, string request, string expected) =>
        Assert.Equal(expected, Reusing.Decide(TermsOf(response), age * 1000L, CacheControl.Parse(request)).ToString());

    [Theory]
    [InlineData("max-age=60, stale-if-error=30", 89, "", true)]
    [InlineData("max-age=60, stale-if-error=30", 90, "", false)]
    [InlineData("max-age=60", 61, "", false)]
    [InlineData("max-age=60", 61, "stale-if-error=5", true)]
    [InlineData("max-age=60, must-revalidate, stale-if-error=30", 61, "", false)]
    [InlineData("max-age=60, no-cache, stale-if-error=30", 61, "", false)]
    public void MayServeOnError_Rfc5861Section4(string response, int age, string request, bool expected) =>
        Assert.Equal(expected, Reusing.MayServeOnError(TermsOf(response), age * 1000L, CacheControl.Parse(request)));
}
