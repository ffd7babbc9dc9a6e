using System.Buffers;
using System.Text;
using System.Text.Json;
using Headroom.Load.Plans;

namespace Headroom.Load.Tests.Plans;

public sealed class JsonQueryTests
{
    private const string Document = """
        { "token": "a\"b\u00e4\\", "n": -1.50, "yes": true, "none": null, "a b": 1, "q'\"": 2, "q\u0041": "escaped name", "ä": "umlaut",
          "items": [ { "id": 1 }, { "id": 2, "tags": ["x", "y"] }, [ ] ], "empty": [], "o": { "p": { "q": "deep" } }, "token": "second" }
        """;

    [Theory]
    [InlineData("$.token", "a\"bä\\")]
    [InlineData("$.n", "-1.50")]
    [InlineData("$.yes", "true")]
    [InlineData("$.none", "null")]
    [InlineData("$['a b']", "1")]
    [InlineData("$[\"a b\"]", "1")]
    [InlineData("$['q\\'\"']", "2")]
    [InlineData("$.qA", "escaped name")]
    [InlineData("$['\\u0071A']", "escaped name")]
    [InlineData("$.ä", "umlaut")]
    [InlineData("$.items[0].id", "1")]
    [InlineData("$.items[1].tags[-1]", "y")]
    [InlineData("$.items[-3].id", "1")]
    [InlineData("$ .items [ 1 ] ['tags'][0]", "x")]
    [InlineData("$.items[2]", "[ ]")]
    [InlineData("$.items[1]", """{ "id": 2, "tags": ["x", "y"] }""")]
    [InlineData("$.o.p.q", "deep")]
    public void TryFind_ValueIsThere_GivesItsText(string query, string expected)
    {
        Assert.Equal(expected, Find(query, Document));
    }

    [Theory]
    [InlineData("$.missing")]
    [InlineData("$.items[3]")]
    [InlineData("$.items[-4]")]
    [InlineData("$.empty[0]")]
    [InlineData("$.empty[-1]")]
    [InlineData("$.token.length")]
    [InlineData("$.items.id")]
    [InlineData("$[0]")]
    [InlineData("$.o.p.q.r")]
    public void TryFind_ValueIsNotThere_IsFalse(string query) => Assert.Null(Find(query, Document));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("<html>")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":{")]
    [InlineData("{\"a\":\"open")]
    [InlineData("{\"b\":tru, \"a\":1}")]
    [InlineData("{\"\\ud800\":1, \"a\":1}")]
    [InlineData("[1,2")]
    public void TryFind_MalformedText_IsFalse(string json) => Assert.Null(Find("$.a", json));

    [Fact]
    public void TryFind_TextBreaksOffAfterTheValue_FindsIt()
    {
        Assert.Equal("1", Find("$.a", "{\"a\":1, \"b\": [1, 2"));
        Assert.Equal("1", Find("$.a", "\ufeff{\"a\":1}"));
    }

    [Fact]
    public void TryFind_Root_IsTheWholeValue()
    {
        Assert.Equal("text", Find("$", "\"text\""));
        Assert.Equal("[1, 2]", Find("$", " [1, 2] "));
    }

    [Fact]
    public void TryFind_HalfASurrogatePair_IsWrittenAsItStands() => Assert.Equal("x\\ud800", Find("$.a", "{\"a\":\"x\\ud800\"}"));

    [Fact]
    public void TryFind_TruncatedOrChangedAnywhere_NeverThrows()
    {
        Assert.True(JsonQuery.TryParse("$.items[-2].tags[1]", out var query, out _));
        var seed = Seed.Printed(TestContext.Current.TestOutputHelper!);
        var random = new Random(seed);
        var whole = Encoding.UTF8.GetBytes(Document);
        for (var i = 0; i < 20_000; i++)
        {
            var changed = whole[..random.Next(whole.Length + 1)];
            for (var changes = random.Next(4); changes > 0 && changed.Length > 0; changes--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                if (query.TryFind(changed, out var found))
                    found.CopyTextTo(new ArrayBufferWriter<byte>());
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {i}: {Convert.ToHexString(changed)}: {e}");
            }
        }
    }

    [Fact]
    public void TryFind_UsualDocument_AllocatesNothing()
    {
        Assert.True(JsonQuery.TryParse("$.items[-2].tags[1]", out var query, out _));
        var json = Encoding.UTF8.GetBytes(Document);
        query.TryFind(json, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            query.TryFind(json, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TryFind_AgainstJsonDocument_FindsTheSame()
    {
        using var document = JsonDocument.Parse(Document);
        var items = document.RootElement.GetProperty("items");
        for (var i = 0; i < items.GetArrayLength(); i++)
            Assert.Equal(items[i].GetRawText(), Find($"$.items[{i}]", Document));
    }

    [Theory]
    [InlineData("token", "does not begin with $")]
    [InlineData("$..id", "several values")]
    [InlineData("$.*", "several values")]
    [InlineData("$[*]", "several values")]
    [InlineData("$.items[0:2]", "several values")]
    [InlineData("$.items[0,1]", "several values")]
    [InlineData("$.items[?@.id==1]", "several values")]
    [InlineData("$.items[01]", "'01' where an index")]
    [InlineData("$.items[-0]", "'-0' where an index")]
    [InlineData("$.items[x]", "where an index or a quoted name")]
    [InlineData("$.items[0", "not closed")]
    [InlineData("$['a", "not closed")]
    [InlineData("$['\\x']", "escape that is none of")]
    [InlineData("$.1a", "write other names as ['name']")]
    [InlineData("$.", "where a name should stand")]
    [InlineData("$id", "where a segment should begin")]
    [InlineData("$.a ", "where a segment should begin")]
    public void TryParse_NotASingularQuery_NamesWhatIsAllowed(string text, string expected)
    {
        Assert.False(JsonQuery.TryParse(text, out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    private static string? Find(string text, string json)
    {
        Assert.True(JsonQuery.TryParse(text, out var query, out var error), error);
        if (!query.TryFind(Encoding.UTF8.GetBytes(json), out var found))
            return null;
        var writer = new ArrayBufferWriter<byte>();
        found.CopyTextTo(writer);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
