namespace Headroom.Redis.Tests.Configuration;

public sealed class ConnectionStringTests
{
    [Fact]
    public void Parse_AsStackExchangeRedisHasIt_EverySettingTaken()
    {
        var options = RedisOptions.Parse("a:7000, b ,[::1]:7001,password=p=w,USER=u,ssl=true,sslHost=s,sslProtocols=tls12|tls13,defaultDatabase=3,connectTimeout=500,asyncTimeout=250,abortConnect=false,name=n,serviceName=m,keepAlive=7,livenessTimeout=9000,protocol=resp2,channelPrefix=c:,allowAdmin=true,syncTimeout=250,");
        Assert.Equal(["a:7000", "b", "[::1]:7001"], options.Endpoints);
        Assert.Equal(("p=w", "u", true, "s"), (options.Password, options.User, options.Ssl, options.SslHost));
        Assert.Equal(System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13, options.SslProtocols);
        Assert.Equal((3, false, "n", "m", 2, "c:"), (options.DefaultDatabase, options.AbortOnConnectFail, options.ClientName, options.ServiceName, options.Protocol, options.ChannelPrefix));
        Assert.Equal((500, 250, 7000, 9000), (options.ConnectTimeout.TotalMilliseconds, options.CommandTimeout.TotalMilliseconds, options.KeepAliveInterval.TotalMilliseconds, options.LivenessTimeout.TotalMilliseconds));
        Assert.Equal(["allowAdmin"], options.Ignored);
    }

    [Fact]
    public void Parse_Url_UserPasswordDatabaseAndQuery()
    {
        var options = RedisOptions.Parse("rediss://me:p%40ss%2C%2Fword@example.test:7000/5?connectTimeout=300&name=n");
        Assert.Equal(("me", "p@ss,/word", true, 5, 300, "n"), (options.User, options.Password, options.Ssl, options.DefaultDatabase, options.ConnectTimeout.TotalMilliseconds, options.ClientName));
        Assert.Equal(["example.test:7000"], options.Endpoints);
        Assert.Equal(["localhost:6379"], RedisOptions.Parse("redis://localhost").Endpoints);
        Assert.Equal("secret", RedisOptions.Parse("redis://:secret@localhost").Password);
        Assert.Equal(["[::1]:6379"], RedisOptions.Parse("redis://[::1]").Endpoints);
        var unix = RedisOptions.Parse("unix:///run/redis.sock?db=2");
        Assert.Equal(("unix:/run/redis.sock", 2), (unix.Endpoints[0], unix.DefaultDatabase));
    }

    [Theory]
    [InlineData("", "No endpoint")]
    [InlineData("a:1,pasword=x", "did you mean 'password'")]
    [InlineData("a:1,wombat=x", "'wombat' is not a setting. Settings are user")]
    [InlineData("a:0", "port from 1 to 65535")]
    [InlineData("a:x", "port from 1 to 65535")]
    [InlineData("a:", "port from 1 to 65535")]
    [InlineData("[::1:7", "[::1]:6379")]
    [InlineData("a b:1", "host:port")]
    [InlineData("a:1,ssl=maybe", "neither true nor false")]
    [InlineData("a:1,asyncTimeout=soon", "milliseconds")]
    [InlineData("a:1,asyncTimeout=0", "asyncTimeout is 0 ms; it is from 1")]
    [InlineData("a:1,keepAlive=0", "keepAlive is 0 ms; it is from 100")]
    [InlineData("a:1,defaultDatabase=-1", "whole number")]
    [InlineData("a:1,user=x", "without a password")]
    [InlineData("a:1,name=x y", "blanks")]
    [InlineData("a:1,proxy=twemproxy", "not supported")]
    [InlineData("a:1,protocol=4", "resp3 or resp2")]
    [InlineData("redis://a/x", "not a database")]
    [InlineData("redis://a:99999", "begins like a URL")]
    public void Parse_Wrong_SaysWhatIsAllowed(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<RedisOptionsException>(() => RedisOptions.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_SeveralErrors_AllAtOnce() =>
        Assert.Equal(3, Assert.Throws<RedisOptionsException>(() => RedisOptions.Parse("a:0,ssl=x,connectTimeout=1")).Errors.Count);

    [Theory]
    [InlineData("a:1,user=u,password=hush-hush,name=x y")]
    [InlineData("a:1,password=abc,hush-hush=x")]
    [InlineData("redis://u:hush-hush@host:99999")]
    [InlineData("u:hush-hush@host:6379,ssl=x")]
    public void Parse_WrongNearASecret_SecretNotRepeated(string text)
    {
        // A key that nobody knows is named; what stands behind its '=' never is.
        var message = Assert.Throws<RedisOptionsException>(() => RedisOptions.Parse(text)).Message;
        if (!text.Contains("hush-hush=", StringComparison.Ordinal))
            Assert.DoesNotContain("hush", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_OfTheDocs_HasEverySettingWithItsDefault()
    {
        var rows = File.ReadAllLines(RepositoryRoot.Combine("docs", "redis.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|').Select(cell => cell.Trim()).ToArray()).ToArray();
        var defaults = new RedisOptions();
        var expected = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["connectTimeout"] = $"{defaults.ConnectTimeout.TotalMilliseconds}",
            ["asyncTimeout`, `syncTimeout"] = $"{defaults.CommandTimeout.TotalMilliseconds}",
            ["keepAlive"] = $"{defaults.KeepAliveInterval.TotalSeconds}",
            ["livenessTimeout"] = $"{defaults.LivenessTimeout.TotalMilliseconds}",
            ["reconnectDelay"] = $"{defaults.ReconnectDelay.TotalMilliseconds}",
            ["reconnectDelayMost"] = $"{defaults.ReconnectDelayMost.TotalMilliseconds}",
            ["maxPendingCommands"] = $"{defaults.MaxPendingCommands}",
            ["defaultDatabase"] = "0",
            ["abortConnect"] = "true",
            ["protocol"] = "resp3",
        };
        foreach (var (name, value) in expected)
            Assert.Contains(rows, row => row[1] == $"`{name}`" && row[2] == value);
        var known = Assert.Throws<RedisOptionsException>(() => RedisOptions.Parse("a,x?=1")).Errors[0].Split("Settings are ")[1].Split('.')[0].Split(", ");
        Assert.True(known.Length > 20);
        Assert.All(known, name => Assert.Contains(rows, row => row[1].Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void ToString_OfOptions_HasNoSecret() => Assert.Equal("a:1", RedisOptions.Parse("a:1,password=hush").ToString());
}
