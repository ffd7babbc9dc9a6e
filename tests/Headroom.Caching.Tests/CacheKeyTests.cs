namespace Headroom.Caching.Tests;

public sealed class CacheKeyTests(ITestOutputHelper output)
{
    [Fact]
    public void For_Parts_AreReadable()
    {
        Assert.Equal("settings", CacheKey.For("settings"));
        Assert.Equal("user:7", CacheKey.For("user", 7));
        Assert.Equal("page:1.5:2026-01-02T03%003a04%003a05.0000000", CacheKey.For("page", 1.5, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Unspecified)));
    }

    [Fact]
    public void For_RandomParts_DifferentPartsNeverMakeTheSameKey()
    {
        var random = new Random(Seed.Printed(output));
        const string Alphabet = "ab:%#*?{}\0003";
        var known = new Dictionary<string, (string, string?, string?)>(StringComparer.Ordinal);
        string Text() => new([.. Enumerable.Range(0, random.Next(6)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
        for (var i = 0; i < 50_000; i++)
        {
            var parts = ("p" + Text(), random.Next(5) == 0 ? null : Text(), random.Next(5) == 0 ? null : Text());
            var key = CacheKey.For(parts.Item1, parts.Item2, parts.Item3);
            Assert.True(known.TryAdd(key, parts) || known[key] == parts, $"{known[key]} and {parts} make '{key}'");
        }
    }

    [Fact]
    public void For_LongParts_AreShortenedToAHashBehindTheFirst()
    {
        var long1 = CacheKey.For("doc", new string('x', 1_000));
        var long2 = CacheKey.For("doc", new string('x', 1_001));
        Assert.StartsWith("doc:#", long1, StringComparison.Ordinal);
        Assert.InRange(long1.Length, 40, CacheKey.Longest);
        Assert.NotEqual(long1, long2);
        Assert.InRange(CacheKey.For(new string('y', 5_000)).Length, 40, CacheKey.Longest);
    }

    [Fact]
    public void For_HalvesOfSurrogatePairs_AreEscapedAndWholePairsAreNot()
    {
        Assert.Equal("user:%d800", CacheKey.For("user", "\ud800"));
        Assert.Equal("user:%dc00%d800", CacheKey.For("user", "\udc00\ud800"));
        Assert.Equal("user:😀", CacheKey.For("user", "😀"));

        // The readable part does not end within a pair either.
        for (var length = 200; length < 220; length++)
            Assert.False(Keys.HasLoneSurrogate(CacheKey.For(new string('x', length) + string.Concat(Enumerable.Repeat("😀", 100)))));
    }

    [Fact]
    public void For_EmptyFirstPart_Throws() => Assert.Throws<ArgumentException>(() => CacheKey.For("", 1));
}
