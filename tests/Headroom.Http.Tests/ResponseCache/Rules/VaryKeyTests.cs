using System.Text;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9111 §4.1.</summary>
public sealed class VaryKeyTests
{
    static string KeyOf(string vary, params string[] request)
    {
        var key = new StringBuilder();
        VaryKey.Append(key, VaryKey.Names(vary), FreshnessTests.Headers(request));
        return key.ToString();
    }

    [Theory]
    [InlineData("Foo", "Foo: 1,2", "Foo:  1, 2 ")]
    [InlineData("foo", "Foo: 1", "FOO: 1")]
    [InlineData("Foo, Bar", "Bar: 2|Foo: 1", "Foo: 1|Bar: 2")]
    [InlineData("Accept-Language", "Accept-Language: en, de", "Accept-Language: de,en")]
    [InlineData("Accept-Language", "Accept-Language: EN;q=1.0", "Accept-Language: en")]
    [InlineData("Accept-Encoding", "Accept-Encoding: gzip, br", "Accept-Encoding: br, gzip")]
    public void Append_RequestsThatMatch_HaveOneKey(string vary, string first, string second) => Assert.Equal(KeyOf(vary, first.Split('|')), KeyOf(vary, second.Split('|')));

    [Fact]
    public void Append_LinesOfOneField_AreJoined()
    {
        var lines = FreshnessTests.Headers("Foo: 1", "Foo: 2");
        Assert.Equal(2, lines["Foo"].Count);
        Assert.Equal("1,2", VaryKey.Normalised("foo", lines["Foo"]));
    }

    [Theory]
    [InlineData("Foo", "Foo: 1", "Foo: 2")]
    [InlineData("Foo", "Foo: 1", "Bar: 1")]
    [InlineData("Foo", "Foo: a b", "Foo: ab")]
    [InlineData("Foo, Bar", "Foo: 1|Bar: 2", "Foo: 2|Bar: 1")]
    [InlineData("Foo, Bar", "Foo: 1\nbar=1:2", "Foo: 1|Bar: 2")]
    [InlineData("A, Aa", "A: 1|Aa: 2", "A: 12|Aa: ")]
    [InlineData("Accept-Language", "Accept-Language: en;q=1.05", "Accept-Language: en5")]
    [InlineData("Accept-Language", "Accept-Language: en;q=0.5, de", "Accept-Language: en, de;q=0.5")]
    public void Append_RequestsThatDiffer_HaveDifferentKeys(string vary, string first, string second) => Assert.NotEqual(KeyOf(vary, first.Split('|')), KeyOf(vary, second.Split('|')));

    [Fact]
    public void Names_OfAList_AreSortedAndEachOnce() =>
        Assert.Equal(["accept", "origin"], VaryKey.Names(new StringValues(["Origin, Accept", "accept, Accept-Encoding"]), except: "accept-encoding"));
}
