using Headroom.Redis.Routing;

namespace Headroom.Redis.Tests.Routing;

public sealed class CommandRulesTests
{
    [Theory]
    [InlineData("GET", "k", 0)]
    [InlineData("PING", "", -1)]
    [InlineData("INFO", "server", -1)]
    [InlineData("OBJECT", "FREQ k", 1)]
    [InlineData("OBJECT FREQ", "k", 0)]
    [InlineData("BITOP", "AND k l", 1)]
    [InlineData("EVAL", "script 2 k l", 2)]
    [InlineData("EVALSHA", "hash 0", -1)]
    [InlineData("FCALL", "name 1 k", 2)]
    [InlineData("ZUNION", "2 k l", 1)]
    [InlineData("XREAD", "COUNT 5 STREAMS k 0", 3)]
    [InlineData("XREADGROUP", "GROUP g c streams k >", 4)]
    [InlineData("XREAD", "COUNT 5", -1)]
    [InlineData("GET", "", -1)]
    public void KeyIndex_OfEachKindOfCommand_WhereTheFirstKeyIs(string name, string arguments, int expected) =>
        Assert.Equal(expected, CommandRules.KeyIndex(name, Arguments(arguments)));

    [Theory]
    [InlineData("GET", "k", false)]
    [InlineData("CLIENT", "INFO", false)]
    [InlineData("CLIENT", "tracking ON", true)]
    [InlineData("CLIENT REPLY", "OFF", true)]
    [InlineData("BZPOPMIN", "k 0", true)]
    [InlineData("XREAD", "STREAMS k 0", false)]
    [InlineData("XREAD", "block 0 STREAMS k 0", true)]
    [InlineData("EXEC", "", true)]
    public void WhyNotShared_CommandsThatHarmOthers_HaveAReason(string name, string arguments, bool expected) =>
        Assert.Equal(expected, CommandRules.WhyNotShared(name, Arguments(arguments)) is not null);

    static RedisArgument[] Arguments(string words) => [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => (RedisArgument)word)];
}
