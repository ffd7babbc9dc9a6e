using Headroom.Http.ConditionalRequests;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.ConditionalRequests;

public sealed class RequestConditionsTests
{
    const string Monday = "Mon, 05 Jan 2026 10:00:00 GMT";
    const string Tuesday = "Tue, 06 Jan 2026 10:00:00 GMT";

    [Theory]
    // RFC 9110 §8.8.3.2, the table of weak comparison
    [InlineData("W/\"1\"", "W/\"1\"", true)]
    [InlineData("W/\"1\"", "W/\"2\"", false)]
    [InlineData("W/\"1\"", "\"1\"", true)]
    [InlineData("\"1\"", "\"1\"", true)]
    [InlineData("\"1\"", "W/\"1\"", true)]
    // lists, any, and what is inside the quotes counts to the letter
    [InlineData("\"a\", \"b\", W/\"c\"", "\"c\"", true)]
    [InlineData("\"a\",\"b\" , \"d\"", "\"c\"", false)]
    [InlineData("*", "\"c\"", true)]
    [InlineData("\"A\"", "\"a\"", false)]
    [InlineData("\"a,b\"", "\"a,b\"", true)]
    [InlineData("\"a,b\"", "\"a\"", false)]
    [InlineData("\"\"", "\"\"", true)]
    // what is no list of tags is not met
    [InlineData("abc", "\"abc\"", false)]
    [InlineData("\"abc", "\"abc\"", false)]
    [InlineData("", "\"abc\"", false)]
    [InlineData("*", "", true)]
    [InlineData("\"abc\"", "", false)]
    [InlineData("\"abc\"", "abc", false)]
    public void AreMetBy_IfNoneMatch_ComparesWeakly(string ifNoneMatch, string etag, bool expected)
    {
        var conditions = RequestConditions.Of(new HeaderDictionary { ["If-None-Match"] = ifNoneMatch });
        Assert.Equal(expected, conditions.AreMetBy(Response(etag, Monday)));
    }

    [Fact]
    public void AreMetBy_SeveralHeaderLines_AreOneList()
    {
        var conditions = RequestConditions.Of(new HeaderDictionary { ["If-None-Match"] = new(["\"a\"", "\"b\""]) });
        Assert.True(conditions.AreMetBy(Response("\"b\"", "")));
    }

    [Theory]
    [InlineData(Monday, Monday, true)]
    [InlineData(Tuesday, Monday, true)]
    [InlineData(Monday, Tuesday, false)]
    [InlineData("Monday, 05-Jan-26 10:00:00 GMT", Monday, true)]
    [InlineData("Mon Jan  5 10:00:00 2026", Monday, true)]
    [InlineData("yesterday", Monday, false)]
    [InlineData(Monday, "", false)]
    [InlineData(Monday, "never", false)]
    public void AreMetBy_IfModifiedSince_ComparesDates(string since, string lastModified, bool expected)
    {
        var conditions = RequestConditions.Of(new HeaderDictionary { ["If-Modified-Since"] = since });
        Assert.Equal(expected, conditions.AreMetBy(Response("\"a\"", lastModified)));
    }

    [Theory]
    [InlineData("\"other\"")]
    [InlineData("unreadable")]
    public void AreMetBy_BothHeaders_OnlyIfNoneMatchCounts(string ifNoneMatch)
    {
        var conditions = RequestConditions.Of(new HeaderDictionary { ["If-None-Match"] = ifNoneMatch, ["If-Modified-Since"] = Tuesday });
        Assert.False(conditions.AreMetBy(Response("\"a\"", Monday)));
    }

    [Fact]
    public void Any_NoConditions_IsFalse() => Assert.False(RequestConditions.Of(new HeaderDictionary()).Any);

    static HeaderDictionary Response(string etag, string lastModified) => new() { ["ETag"] = etag, ["Last-Modified"] = lastModified };
}
