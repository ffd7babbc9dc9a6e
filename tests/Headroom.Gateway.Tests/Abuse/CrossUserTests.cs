namespace Headroom.Gateway.Tests.Abuse;

/// <summary>Many users ask for one URL at once, so that their requests could be joined: each gets what was made for them.</summary>
public sealed class CrossUserTests
{
    // Guard: an answer is given to others who wait only when its head allows to store and reuse it for them.
    [Theory]
    [InlineData("Cache-Control: private", "Cookie")]
    [InlineData("Cache-Control: no-store", "Cookie")]
    [InlineData("Cache-Control: max-age=60\r\nVary: Cookie", "Cookie")]
    [InlineData("Cache-Control: max-age=60\r\nSet-Cookie: a=b", "Cookie")]
    [InlineData("Cache-Control: max-age=60", "Authorization")]
    [InlineData("Cache-Control: public, max-age=60\r\nVary: Authorization", "Authorization")]
    [InlineData("Content-Language: en", "Cookie")]
    public async Task Get_ManyUsersAtOnce_EachGetsTheirOwn(string header, string field)
    {
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                var line = request.Split("\r\n").FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.OrdinalIgnoreCase)) ?? "nobody";
                await Task.Delay(200, conversation.Stop);
                await conversation.SendAsync($"HTTP/1.1 200 OK\r\n{header}\r\nContent-Length: {line.Length}\r\n\r\n{line}");
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(async user => (user, Answer: await gateway.GetAsync("/account", $"{field}: user{user}"))));

        Assert.All(answers, answer => Assert.Equal($"{field}: user{answer.user}", answer.Answer.Body));
    }
}
