using System.Globalization;
using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class KeyHashTests
{
    [Fact]
    public void Of_SameCharactersElsewhere_IsTheSame()
    {
        for (var length = 0; length < 70; length++)
        {
            var key = new string('x', length) + "é";
            Assert.Equal(KeyHash.Of(key), KeyHash.Of(("a" + key + "b").AsSpan(1, key.Length)));
        }
    }

    [Fact]
    public void Of_KeysThatDifferInOneCharacterAnywhere_SpreadOverBuckets()
    {
        foreach (var length in new[] { 6, 9, 17, 33, 64 })
        {
            var buckets = new int[1024];
            for (var i = 0; i < 64 * 1024; i++)
                buckets[KeyHash.Of(i.ToString(CultureInfo.InvariantCulture).PadLeft(length, 'k')) & 1023]++;

            // 64 expected in each, standard deviation 8.
            Assert.InRange(buckets.Max(), 64, 64 + 8 * 8);
            Assert.InRange(buckets.Min(), 64 - 7 * 8, 64);
        }
    }

    [Fact]
    public void Of_PrefixesOfZeroCharacters_Differ() =>
        Assert.Equal(40, Enumerable.Range(1, 40).Select(length => KeyHash.Of(new string('\0', length))).Distinct().Count());

    [Fact]
    public void Same_OfEveryLength_OnlyIfEveryCharacterIs()
    {
        for (var length = 0; length < 100; length++)
        {
            var key = string.Create(length, 0, static (span, _) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = (char)(i * 2_654_435_761);
            });
            Assert.True(KeyHash.Same(("a" + key + "b").AsSpan(1, length), key));
            Assert.False(KeyHash.Same(key + "x", key));
            for (var i = 0; i < length; i++)
            {
                foreach (var bit in new[] { 0, 7, 8, 15 })
                {
                    var other = key.ToCharArray();
                    other[i] ^= (char)(1 << bit);
                    Assert.False(KeyHash.Same(other, key), $"length {length}, character {i}, bit {bit}");
                }
            }
        }
    }
}
