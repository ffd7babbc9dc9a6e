using Headroom.Http.ResponseCache.Rules;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9110 §14.1.2, §13.1.5.</summary>
public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("0-1", "Part", 0, 2)]
    [InlineData("1-", "Part", 1, 9)]
    [InlineData("-1", "Part", 9, 1)]
    [InlineData("-100", "Part", 0, 10)]
    [InlineData("9-9", "Part", 9, 1)]
    [InlineData("5-100", "Part", 5, 5)]
    [InlineData("10-", "Unsatisfiable", 0, 0)]
    [InlineData("-0", "Unsatisfiable", 0, 0)]
    [InlineData("5-4", "Whole", 0, 0)]
    [InlineData("0-1,3-4", "Whole", 0, 0)]
    [InlineData("a-b", "Whole", 0, 0)]
    [InlineData("-", "Whole", 0, 0)]
    [InlineData("", "Whole", 0, 0)]
    [InlineData("1-x", "Whole", 0, 0)]
    [InlineData("--1", "Whole", 0, 0)]
    [InlineData("99999999999999999999-", "Whole", 0, 0)]
    public void Parse_EachForm_OfTenBytes(string range, string outcome, int first, int length)
    {
        var parsed = ByteRange.Parse(range, 10);
        Assert.Equal((outcome, first, length), (parsed.Outcome.ToString(), (int)parsed.First, (int)parsed.Length));
    }

    [Theory]
    [InlineData("Range: bytes=0-1", "Part")]
    [InlineData("Range: BYTES=0-1", "Part")]
    [InlineData("Range: items=0-1", "Whole")]
    [InlineData("Range: bytes=0-1|If-Range: \"a\"", "Part")]
    [InlineData("Range: bytes=0-1|If-Range: \"b\"", "Whole")]
    [InlineData("Range: bytes=0-1|If-Range: W/\"a\"", "Whole")]
    [InlineData("Range: bytes=0-1|If-Range: @-100", "Part")]
    [InlineData("Range: bytes=0-1|If-Range: @-99", "Whole")]
    [InlineData("X: 1", "Whole")]
    public void Of_IfRange_HasToBeTheSame(string request, string expected)
    {
        var modified = FreshnessTests.Headers("Last-Modified: @-100").LastModified.ToString();
        Assert.Equal(expected, ByteRange.Of(FreshnessTests.Headers(request.Split('|')), 10, "\"a\"", modified).Outcome.ToString());
    }
}
