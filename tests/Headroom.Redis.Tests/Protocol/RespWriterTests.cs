using System.Globalization;
using System.Text;
using FsCheck.Fluent;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Tests.Protocol;

public sealed class RespWriterTests(ITestOutputHelper output)
{
    [Fact]
    public void WriteRequest_EveryKindOfArgument_AsRedisReadsIt()
    {
        Assert.Equal(
            "*8\r\n$3\r\nGET\r\n$1\r\nk\r\n$0\r\n\r\n$4\r\n\r\n\r\n\r\n$20\r\n-9223372036854775808\r\n$3\r\n1.5\r\n$4\r\n-inf\r\n$3\r\n€\r\n",
            Encode("k", "", "\r\n\r\n"u8.ToArray(), long.MinValue, 1.5, double.NegativeInfinity, "€"));
    }

    [Fact]
    public void WriteRequest_LengthsWithMoreDigits_Right()
    {
        foreach (var length in (int[])[9, 10, 99, 100, 3072, 3073, 70_000])
        {
            var text = new string('x', length);
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"*2\r\n$3\r\nGET\r\n${length}\r\n{text}\r\n"), Encode(text));
            Assert.Equal(Encode(text), Encode(Encoding.ASCII.GetBytes(text)));
        }
    }

    [Fact]
    public void WriteRequest_PartsOfMemory_OnlyTheParts()
    {
        Assert.Equal("*3\r\n$3\r\nGET\r\n$2\r\nbc\r\n$2\r\nyz\r\n", Encode("abcd".AsMemory(1, 2), "xyz"u8.ToArray().AsMemory(1)));
        Assert.Equal("*2\r\n$3\r\nGET\r\n$2\r\nbc\r\n", Encode((ReadOnlyMemory<char>)"abcd".ToCharArray().AsMemory(1, 2)));
    }

    [Fact]
    public void WriteRequest_DefaultArgument_RefusedInWords() =>
        Assert.Contains("default(RedisArgument)", Assert.Throws<ArgumentException>(() => Encode(default(RedisArgument))).Message, StringComparison.Ordinal);

    [Fact]
    public void WriteRequest_AnyTextOrBytes_ReadBackAndWithinTheBound()
    {
        var inputs =
            from texts in Gen.ArrayOf(FsCheck.FSharp.ArbMap.generate<string>(FsCheck.FSharp.ArbMap.defaults))
            from bytes in Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)))
            from number in Gen.Choose(int.MinValue, int.MaxValue)
            select (texts: texts.Select(text => text ?? "").ToArray(), bytes, number);
        Property.Check(output, inputs, input =>
        {
            RedisArgument[] arguments = [.. input.texts.Select(text => (RedisArgument)text), .. input.bytes.Select(bytes => (RedisArgument)bytes), input.number];
            var request = ReplyCorpus.Parse(Encoding.Latin1.GetBytes(Encode(arguments)));
            return request.Items.Skip(1).Take(input.texts.Length).Select(item => item.AsString()).SequenceEqual(input.texts.Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))))
                && request.Items.Skip(1 + input.texts.Length).Take(input.bytes.Length).Zip(input.bytes).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second))
                && request.Items[^1].AsInt64() == input.number;
        });
    }

    [Fact]
    public void WriteNumber_AnyDouble_ComesBackExactly()
    {
        Property.Check(output, FsCheck.FSharp.ArbMap.generate<double>(FsCheck.FSharp.ArbMap.defaults), number =>
        {
            var item = ReplyCorpus.Parse(Encoding.Latin1.GetBytes(Encode(number))).Items[1];
            return item.AsDouble().Equals(number);
        }, runs: 1000);
    }

    [Fact]
    public void ToString_OfAnArgument_HasNoContent()
    {
        Assert.Equal("text of 6 characters", ((RedisArgument)"secret").ToString());
        Assert.Equal("6 bytes", ((RedisArgument)"secret"u8.ToArray()).ToString());
        Assert.Equal("a number", ((RedisArgument)42).ToString());
    }

    [Fact]
    public void Equals_SameKindAndValue_Only()
    {
        Assert.True((RedisArgument)"a" == "xa".AsMemory(1));
        Assert.True((RedisArgument)1 == 1L);
        Assert.True((RedisArgument)new byte[] { 1 } == new byte[] { 1 });
        Assert.True((RedisArgument)"1" != 1);
        Assert.True((RedisArgument)1 != 1.0);
        Assert.Equal(((RedisArgument)"a").GetHashCode(), ((RedisArgument)"xa".AsMemory(1)).GetHashCode());
        Assert.Equal(((RedisArgument)new byte[] { 1 }).GetHashCode(), ((RedisArgument)new byte[] { 1 }).GetHashCode());
    }

    static string Encode(params ReadOnlySpan<RedisArgument> arguments)
    {
        var command = "$3\r\nGET\r\n"u8;
        var writer = new RespWriter(new byte[RespWriter.RequestMostBytes(command, arguments)]);
        writer.WriteRequest(command, words: 1, arguments);
        return Encoding.Latin1.GetString(writer.Written).Replace("â\u0082¬", "€", StringComparison.Ordinal);
    }
}
