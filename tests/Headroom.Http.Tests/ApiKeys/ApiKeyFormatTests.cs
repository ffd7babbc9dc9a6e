using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Headroom.Http.ApiKeys.Checking;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class ApiKeyFormatTests
{
    static readonly ApiKeyFormat Format = new(new ApiKeyOptions());

    [Fact]
    public void Make_AlwaysFitsThePatternForScannersAndReadsBack()
    {
        for (var i = 0; i < 1_000; i++)
        {
            var (key, id, hash) = Format.Make();

            Assert.Matches(new Regex(@"\Ahr_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{38}\z", RegexOptions.None, TimeSpan.FromSeconds(1)), key);
            var read = new byte[ApiKeyFormat.HashLength];
            Assert.True(Format.TryRead(key, read, out var found));
            Assert.Equal(id, found.ToString());
            Assert.Equal(hash, read);
            Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(key[..^6])), hash);
        }
    }

    [Fact]
    public void TryRead_OfAFrozenKey_StillReads()
    {
        // A key that a client has must be good with every version of this. The checksum is CRC-32C, computed by another program.
        const string Key = "hr_live_0123456789ABCDEF_abcdefghijklmnopqrstuvwxyz012345" + "000000";
        Assert.False(Format.TryRead(Key, new byte[32], out _));
        Assert.Equal(FrozenKey, ApiKeyText.WithChecksum(FrozenKey[..^6]));
        Assert.True(Format.TryRead(FrozenKey, new byte[32], out _));
    }

    [Fact]
    public void TryRead_OfEveryKeyWithOneLetterChanged_RefusesIt()
    {
        var (key, _, _) = Format.Make();
        for (var at = 0; at < key.Length; at++)
        {
            foreach (var letter in "0Az_ \n-é")
            {
                if (letter != key[at])
                    Assert.False(Format.TryRead(string.Concat(key.AsSpan(0, at), letter.ToString(), key.AsSpan(at + 1)), new byte[32], out _), $"{letter} at {at}");
            }
        }
    }

    [Fact]
    public void TryRead_OfAKeyWithTwoNeighboursSwapped_RefusesIt()
    {
        var (key, _, _) = Format.Make();
        for (var at = 0; at + 1 < key.Length; at++)
        {
            if (key[at] != key[at + 1])
                Assert.False(Format.TryRead(string.Concat(key.AsSpan(0, at), key[at + 1].ToString(), key[at].ToString(), key.AsSpan(at + 2)), new byte[32], out _), $"at {at}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hr_live_")]
    [InlineData("hr_live_x")]
    [InlineData("' OR 1 = 1 --")]
    public void TryRead_OfOtherTexts_RefusesThem(string text) => Assert.False(Format.TryRead(text, new byte[32], out _));

    [Fact]
    public void TryRead_OfTextsOfAnyLength_NeverThrows()
    {
        var (key, _, _) = Format.Make();
        for (var length = 0; length < key.Length; length++)
            Assert.False(Format.TryRead(key.AsSpan(0, length), new byte[32], out _));
        Assert.False(Format.TryRead(key + "A", new byte[32], out _));
        Assert.False(Format.TryRead(new string('A', 100_000), new byte[32], out _));
    }

    [Fact]
    public void TryRead_OfAnotherPrefix_ReadsItWhereItIsAccepted()
    {
        var (old, _, _) = new ApiKeyFormat(new ApiKeyOptions { Prefix = "old_" }).Make();

        Assert.False(Format.TryRead(old, new byte[32], out _));
        Assert.True(new ApiKeyFormat(new ApiKeyOptions { AcceptedPrefixes = { "old_" } }).TryRead(old, new byte[32], out _));
    }

    const string FrozenKey = "hr_live_0123456789ABCDEF_abcdefghijklmnopqrstuvwxyz012345" + "3ReKjf";
}
