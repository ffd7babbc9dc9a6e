using Headroom.Http.Compression;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.Tests.Compression;

public sealed class AcceptEncodingTests
{
    const string Nothing = "(nothing)";

    [Theory]
    // The examples of RFC 9110 §12.5.3.
    [InlineData("compress, gzip", "gzip")]
    [InlineData("", "identity")]
    [InlineData("*", "br")]
    [InlineData("compress;q=0.5, gzip;q=1.0", "gzip")]
    [InlineData("gzip;q=1.0, identity; q=0.5, *;q=0", "gzip")]
    // What browsers and tools send.
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("deflate", "identity")]
    // Weights.
    [InlineData("br;q=0.5, gzip;q=0.8", "gzip")]
    [InlineData("br;q=0.8, gzip;q=0.5", "br")]
    [InlineData("br;q=0.001, gzip;q=0.002", "gzip")]
    [InlineData("gzip;q=0.5, identity", "identity")]
    [InlineData("gzip;q=0.5, identity;q=0.5", "gzip")]
    [InlineData("gzip;q=0.001", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("br;q=0.000, gzip;q=0.0", "identity")]
    [InlineData("gzip;q=1.000, br;q=0.999", "gzip")]
    // The star stands for what is not listed.
    [InlineData("gzip;q=0.5, *;q=0.8", "br")]
    [InlineData("br;q=0.1, *;q=0.8", "gzip")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("*;q=0.5, identity", "identity")]
    // Identity refused.
    [InlineData("identity;q=0", Nothing)]
    [InlineData("*;q=0", Nothing)]
    [InlineData("*;q=0, identity;q=0.1", "identity")]
    [InlineData("identity;q=0, gzip", "gzip")]
    [InlineData("gzip;q=0, br;q=0, identity;q=0", Nothing)]
    [InlineData("identity;q=0, *", "br")]
    // Forms.
    [InlineData("GZip", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("BR;Q=1", "br")]
    [InlineData("\tgzip\t;\tq=1 , ,, ", "gzip")]
    [InlineData("gzip ;q=0.5", "gzip")]
    // Malformed elements say nothing, the others count.
    [InlineData("br;q=1.5, gzip", "gzip")]
    [InlineData("br;q=1.001, gzip", "gzip")]
    [InlineData("br;q=0.1234, gzip", "gzip")]
    [InlineData("br;q=-1, gzip", "gzip")]
    [InlineData("br;q=, gzip", "gzip")]
    [InlineData("br;q, gzip", "gzip")]
    [InlineData("br;level=3, gzip", "gzip")]
    [InlineData("br;, gzip", "gzip")]
    [InlineData("br;q=٠.5, gzip", "gzip")]
    [InlineData(";q=1, gzip", "gzip")]
    [InlineData("br gzip", "identity")]
    [InlineData("gzip;q=1.", "gzip")]
    [InlineData("gzip;q=0.", "identity")]
    // Refused once is refused.
    [InlineData("gzip;q=0, gzip", "identity")]
    [InlineData("gzip, gzip;q=0", "identity")]
    public void Choose_OfAllCodings_TheHeaviestThenTheServersFavourite(string header, string expected) =>
        Assert.Equal(expected, Choose(header, ContentCoding.Identity, ContentCoding.Gzip, ContentCoding.Brotli));

    [Theory]
    [InlineData("br", "identity")]
    [InlineData("br, gzip;q=0.1", "gzip")]
    [InlineData("br, identity;q=0", Nothing)]
    public void Choose_WithoutBrotli_WhatThereIs(string header, string expected) => Assert.Equal(expected, Choose(header, ContentCoding.Gzip, ContentCoding.Identity));

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("identity", Nothing)]
    [InlineData("", Nothing)]
    public void Choose_WithoutIdentity_NothingWhereTheClientWantsIt(string header, string expected) => Assert.Equal(expected, Choose(header, ContentCoding.Gzip));

    [Fact]
    public void Choose_NoField_Identity() =>
        Assert.Equal(ContentCoding.Identity, AcceptEncoding.Choose(StringValues.Empty, [ContentCoding.Brotli, ContentCoding.Gzip, ContentCoding.Identity]));

    [Fact]
    public void Choose_SeveralLines_AreOneList()
    {
        var lines = new StringValues(["br;q=0", null, "gzip", "identity;q=0"]);
        Assert.Equal(ContentCoding.Gzip, AcceptEncoding.Choose(lines, [ContentCoding.Brotli, ContentCoding.Gzip, ContentCoding.Identity]));
        Assert.False(AcceptEncoding.Read(lines).IdentityIsAcceptable);
    }

    [Fact]
    public void Read_Anything_NeverThrowsAndNeverChoosesWhatIsRefused()
    {
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        string[] pieces = ["br", "gzip", "identity", "*", "x-gzip", "deflate", ";", "q=", "Q=", "0", "1", ".", "5", "0.5", "1.000", ",", " ", "\t", "=", "é", "\0"];
        for (var round = 0; round < 20_000; round++)
        {
            var header = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            var accepted = AcceptEncoding.Read(header);
            var chosen = accepted.Choose([ContentCoding.Brotli, ContentCoding.Gzip, ContentCoding.Identity]);
            if (chosen is { } coding)
            {
                Assert.InRange(accepted.Weight(coding), 1, 1000);
                Assert.All(Enum.GetValues<ContentCoding>(), other => Assert.True(accepted.Weight(other) <= accepted.Weight(coding), header));
            }
            else
                Assert.All(Enum.GetValues<ContentCoding>(), other => Assert.Equal(0, accepted.Weight(other)));
        }
    }

    [Fact]
    public void Choose_CommonHeader_AllocatesNothing()
    {
        var header = new StringValues("gzip, deflate, br;q=0.9, *;q=0.1");
        ContentCoding[] available = [ContentCoding.Brotli, ContentCoding.Gzip, ContentCoding.Identity];
        AcceptEncoding.Choose(header, available);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            AcceptEncoding.Choose(header, available);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    static string Choose(string header, params ContentCoding[] available) => AcceptEncoding.Choose(header, available)?.Name() ?? Nothing;
}
