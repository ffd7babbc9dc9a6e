using Headroom.Http.ResponseCache.Rules;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9111 §5.2, RFC 9213 §2.1.</summary>
public sealed class CacheControlTests
{
    [Theory]
    [InlineData("max-age=3600", 3600L)]
    [InlineData("MaX-aGe=3600", 3600L)]
    [InlineData("max-age=\"3600\"", 3600L)]
    [InlineData("max-age=003600", 3600L)]
    [InlineData("foobar, max-age=3600", 3600L)]
    [InlineData(",, max-age=3600 ,", 3600L)]
    [InlineData("max-age=2147483648", CacheControl.SecondsMost)]
    [InlineData("max-age=99999999999", CacheControl.SecondsMost)]
    [InlineData("max-age=99999999999999999999999999", CacheControl.SecondsMost)]
    [InlineData("extension=\"max-age=3600\", max-age=1", 1L)]
    [InlineData("max-age=1, extension=\"max-age=3600\"", 1L)]
    [InlineData("extension=\"a\\\", max-age=3600\", max-age=1", 1L)]
    [InlineData("max-age=1800, max-age=1", 1L)]
    [InlineData("max-age=1, max-age=1800", 1L)]
    [InlineData("max-age='3600'", 0L)]
    [InlineData("max-age =3600", 0L)]
    [InlineData("max-age= 3600", 0L)]
    [InlineData("max-age=3600.5", 0L)]
    [InlineData("max-age=a3600", 0L)]
    [InlineData("max-age=3600a", 0L)]
    [InlineData("max-age=-1", 0L)]
    [InlineData("max-age", 0L)]
    [InlineData("max-age=", 0L)]
    [InlineData("max-ages=3600", null)]
    [InlineData("no-cache", null)]
    public void Parse_MaxAge_IsTheNumberOrZeroInDoubt(string line, long? expected) => Assert.Equal(expected, CacheControl.Parse(line).MaxAge);

    [Fact]
    public void Parse_SeveralLines_AreOneList()
    {
        var parsed = CacheControl.Parse(new StringValues(["public, max-age=5", "s-maxage=9", "no-cache=\"a\""]));
        Assert.Equal((5L, 9L, true), (parsed.MaxAge, parsed.SharedMaxAge, parsed.Public));
        Assert.Equal(["a"], parsed.NoCacheFields);
        Assert.False(parsed.NoCache);
    }

    [Fact]
    public void Parse_EveryDirectiveWithoutArgument_IsKnown()
    {
        var parsed = CacheControl.Parse("no-store, no-cache, private, public, must-revalidate, proxy-revalidate, must-understand, no-transform, immutable, only-if-cached, max-stale");
        Assert.True(parsed.NoStore && parsed.NoCache && parsed.Private && parsed.Public && parsed.MustRevalidate && parsed.ProxyRevalidate && parsed.MustUnderstand && parsed.NoTransform);
        Assert.True(parsed.Immutable && parsed.OnlyIfCached);
        Assert.Equal(CacheControl.SecondsMost, parsed.MaxStale);
    }

    [Theory]
    [InlineData("private=\"a, b\"", "a|b")]
    [InlineData("private=\"a\", private=\"b\"", "a|b")]
    [InlineData("private=a", "a")]
    public void Parse_FieldNames_AreThoseOfSection5_2_2_7(string line, string expected)
    {
        var parsed = CacheControl.Parse(line);
        Assert.Equal(expected, string.Join('|', parsed.PrivateFields));
        Assert.False(parsed.Private);
    }

    [Theory]
    [InlineData("private=\"\"")]
    [InlineData("private=")]
    [InlineData("private =\"a\"")]
    public void Parse_FieldNamesThatAreNone_ArePrivateAltogether(string line) => Assert.True(CacheControl.Parse(line).Private);

    [Theory]
    [InlineData("max-age=60", 60L)]
    [InlineData("max-age=60;a=1, foo", 60L)]
    [InlineData("foo=(1)", "ignored")]
    [InlineData("foobar, max-age=60", 60L)]
    [InlineData("max-age=99999999999", CacheControl.SecondsMost)]
    [InlineData("max-age=-5", 0L)]
    [InlineData("no-store", null)]
    [InlineData("max-age=\"60\"", "ignored")]
    [InlineData("max-age=60.5", "ignored")]
    [InlineData("max-age=60, &&&&&", "ignored")]
    [InlineData("max-age =60", "ignored")]
    [InlineData("max-age= 60", "ignored")]
    [InlineData("MaX-aGe=60", "ignored")]
    [InlineData("max-age=60,", "ignored")]
    [InlineData("", "ignored")]
    public void ParseTargeted_AStructuredDictionary_OrIgnored(string line, object? expected)
    {
        var parsed = CacheControl.ParseTargeted(line);
        if (expected is "ignored")
            Assert.Null(parsed);
        else
            Assert.Equal((long?)expected, parsed!.MaxAge);
    }
}
