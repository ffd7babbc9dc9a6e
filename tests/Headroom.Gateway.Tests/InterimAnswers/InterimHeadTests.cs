using System.Text;
using Headroom.Gateway.InterimAnswers;

namespace Headroom.Gateway.Tests.InterimAnswers;

public sealed class InterimHeadTests
{
    [Theory]
    [InlineData("", (int)AnswerStart.Unknown)]
    [InlineData("HTTP/1.1 10", (int)AnswerStart.Unknown)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: a\r\n", (int)AnswerStart.Unknown)]
    [InlineData("HTTP/1.1 200 OK\r\n", (int)AnswerStart.Final)]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n", (int)AnswerStart.Final)]
    [InlineData("nonsense, not HTTP", (int)AnswerStart.Final)]
    [InlineData("HTTP/1.\r\n103 Early Hints\r\n\r\n", (int)AnswerStart.Final)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", (int)AnswerStart.Withheld)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nFoo: a\nBar: b\r\n\r\n", (int)AnswerStart.Withheld)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nFoo: a\0b\r\n\r\n", (int)AnswerStart.Withheld)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nFo o: a\r\n\r\n", (int)AnswerStart.Withheld)]
    [InlineData("HTTP/1.1 103 Early Hints\r\n folded\r\n\r\n", (int)AnswerStart.Withheld)]
    [InlineData("HTTP/1.1 103 Early\nHints\r\n\r\n", (int)AnswerStart.Withheld)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", (int)AnswerStart.Interim)]
    public void Read_Beginning_TellsWhatItIs(string bytes, int start) =>
        Assert.Equal((AnswerStart)start, InterimHead.Read(Encoding.Latin1.GetBytes(bytes), out _, out _));

    [Fact]
    public void Read_InterimHead_KeepsEndToEndFieldsAndTellsItsLength()
    {
        const string head = "HTTP/1.0 103 Early Hints\r\nLink: </a>; rel=preload\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\nX: \u00e4\r\n\r\n";

        InterimHead.Read(Encoding.Latin1.GetBytes(head + "HTTP/1.1 200 OK"), out var length, out var passed);

        Assert.Equal(head.Length, length);
        Assert.Equal("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nX: \u00e4\r\n\r\n", Encoding.Latin1.GetString(passed));
    }
}
