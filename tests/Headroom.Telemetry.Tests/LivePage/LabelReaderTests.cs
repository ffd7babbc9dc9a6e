using Headroom.Telemetry.LivePage;

namespace Headroom.Telemetry.Tests.LivePage;

public sealed class LabelReaderTests
{
    const string Labels = """http_request_method="GET",http_route="/a/{b}=\"c\",d=\\",last="x\ny" """;

    [Theory]
    [InlineData("http_request_method", "GET")]
    [InlineData("http_route", "/a/{b}=\"c\",d=\\")]
    [InlineData("last", "x\ny")]
    [InlineData("d", null)]
    [InlineData("route", null)]
    [InlineData("", null)]
    public void Value_OfALabel_IsUnescaped(string name, string? expected) => Assert.Equal(expected, LabelReader.Value(Labels.Trim(), name));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a=")]
    [InlineData("a=\"")]
    [InlineData("a=\"b\\")]
    public void Value_OfABrokenText_EndsWithoutOne(string labels) => Assert.Null(LabelReader.Value(labels, "x"));
}
