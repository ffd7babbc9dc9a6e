using System.Text;
using Headroom.Redis.Tests.Protocol;

namespace Headroom.Redis.Tests;

public sealed class RedisReplyTests
{
    [Fact]
    public void As_KindsThatFit_Convert()
    {
        Assert.Equal(7, Parse(":7\r\n").AsInt64());
        Assert.Equal(7, Parse("$1\r\n7\r\n").AsInt64());
        Assert.Equal(1, Parse("#t\r\n").AsInt64());
        Assert.Equal(1.5, Parse(",1.5\r\n").AsDouble());
        Assert.Equal(double.NegativeInfinity, Parse("$4\r\n-inf\r\n").AsDouble());
        Assert.Equal(2, Parse(":2\r\n").AsDouble());
        Assert.True(Parse("#t\r\n").AsBoolean());
        Assert.False(Parse(":0\r\n").AsBoolean());
        Assert.Equal("abc", Parse("=7\r\ntxt:abc\r\n").AsString());
        Assert.Null(Parse("$-1\r\n").AsString());
        Assert.True(Parse("_\r\n").IsNull);
    }

    [Fact]
    public void As_KindsThatDoNotFit_SayBoth()
    {
        Assert.Equal("A reply of kind Array was asked for as a string.", Assert.Throws<InvalidCastException>(() => Parse("*0\r\n").AsString()).Message);
        Assert.Throws<InvalidCastException>(() => Parse("+OK\r\n").AsInt64());
        Assert.Throws<InvalidCastException>(() => Parse("_\r\n").AsDouble());
        Assert.Throws<InvalidCastException>(() => Parse(":2\r\n").AsBoolean());
        Assert.Throws<InvalidCastException>(() => Parse("(99999999999999999999\r\n").AsInt64());
    }

    [Fact]
    public void ToString_OfAReply_HasNoContent()
    {
        Assert.Equal("BulkString", Parse("$6\r\nsecret\r\n").ToString());
        Assert.Equal("Array of 2", Parse("*2\r\n:1\r\n:2\r\n").ToString());
    }

    static RedisReply Parse(string text) => ReplyCorpus.Parse(Encoding.Latin1.GetBytes(text));
}
