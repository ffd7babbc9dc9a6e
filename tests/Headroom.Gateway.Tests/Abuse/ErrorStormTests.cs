using System.Globalization;
namespace Headroom.Gateway.Tests.Abuse;

/// <summary>An origin that falls over while answers with stale-if-error are in the cache: no client sees an error.</summary>
public sealed class ErrorStormTests
{
    private const int Urls = 50;
    private const int Clients = 20;

    // Guard: Reusing.MayServeOnError, for the origin's own 5xx, for connections that it resets and for those that it refuses.
    [Theory]
    [InlineData("status")]
    [InlineData("reset")]
    [InlineData("refuse")]
    public async Task Get_OriginFailsWhileStaleIfErrorAllows_NoClientSeesAnError(string failure)
    {
        var storm = false;
        var failed = 0;
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                if (!Volatile.Read(ref storm))
                {
                    await conversation.SendAsync(Answer(request.Split(' ')[1]));
                    continue;
                }

                var number = Interlocked.Increment(ref failed);
                if (failure != "status")
                {
                    conversation.Reset();
                    return;
                }

                await conversation.SendAsync($"HTTP/1.1 {(number % 4) switch { 0 => 500, 1 => 502, 2 => 503, _ => 504 }} Storm\r\nContent-Length: 5\r\n\r\nstorm");
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        for (var url = 0; url < Urls; url++)
            Assert.Equal($"/{url}", (await gateway.GetAsync($"/{url}")).Body);
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        Volatile.Write(ref storm, true);
        if (failure == "refuse")
            origin.Refuse();

        var wrong = (await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => StormAsync(gateway, client))))).SelectMany(answers => answers).ToArray();

        Assert.Empty(wrong);
        Assert.True(failure == "refuse" || failed > 0);
    }

    private static string Answer(string target) =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nCache-Control: max-age=1, stale-if-error=600\r\nContent-Length: {target.Length}\r\n\r\n{target}");

    private static async Task<List<string>> StormAsync(GatewayServer gateway, int client)
    {
        var wrong = new List<string>();
        for (var request = 0; request < 2 * Urls; request++)
        {
            var target = $"/{(request + client) % Urls}";
            var answer = await gateway.GetAsync(target);
            if (answer.Status != 200 || answer.Body != target)
                wrong.Add($"{target}: {answer.Status} '{answer.Body}'");
        }

        return wrong;
    }
}
