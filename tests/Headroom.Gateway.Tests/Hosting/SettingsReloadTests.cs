using Headroom.Gateway.CommandLine;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Hosting;
using Headroom.Gateway.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Gateway.Tests.Hosting;

public sealed class SettingsReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-gateway-").FullName;

    private string Config => Path.Combine(_folder, "gateway.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Load_FileChanges_NextRequestGoesToTheNewUpstream()
    {
        await using var first = new Origin(ScriptedServer.Ok("first"));
        await using var second = new Origin(ScriptedServer.Ok("second"));
        Write($"upstreams: {first.Url}");
        var (gateway, reload, log) = await StartAsync();
        await using var running = gateway;
        using var watching = reload;
        Assert.Equal("first", (await gateway.GetAsync("/")).Body);

        Write($"upstreams: {second.Url}");

        // Without being asked: it looks at the file itself.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await gateway.GetAsync("/")).Body != "second")
            await Task.Delay(50, patience.Token);
        while (!log.Lines.Any(line => line.Contains("configuration loaded: 1 route(s)", StringComparison.Ordinal)))
            await Task.Delay(50, patience.Token);
    }

    [Theory]
    [InlineData("upstreams: [ nonsense ]\nretrys: 1", "gateway.yaml:1:14: 'nonsense' is not the address of an upstream")]
    [InlineData("upstreams: [", "not valid YAML")]
    [InlineData("", "the file is empty")]
    public async Task Load_FileHasMistakes_TheOneBeforeStaysInUseAndTheyAreTold(string bad, string expected)
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        Write($"upstreams: {origin.Url}");
        var (gateway, reload, log) = await StartAsync();
        await using var running = gateway;
        using var watching = reload;

        Write(bad);
        reload.Load(asked: true);

        Assert.Equal("fine", (await gateway.GetAsync("/")).Body);
        Assert.Contains(log.Lines, line => line.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("the one before stays in use", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_ListenChanges_SaysThatItNeedsARestart()
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        Write($"upstreams: {origin.Url}");
        var (gateway, reload, log) = await StartAsync();
        await using var running = gateway;
        using var watching = reload;

        Write($"upstreams: {origin.Url}\nlimits: {{ connections: 7 }}");
        reload.Load(asked: true);

        Assert.Contains(log.Lines, line => line.Contains("restart for what has changed there", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_UnderLoad_DropsNoRequest()
    {
        await using var first = Slow("first");
        await using var second = Slow("second");
        Write($"upstreams: {first.Url}\ncache: off");
        var (gateway, reload, _) = await StartAsync();
        await using var running = gateway;
        using var watching = reload;
        var wrong = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var bodies = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var connection = await gateway.ConnectAsync();
            while (!stop.IsCancellationRequested)
            {
                await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                var response = await connection.ReadAsync();
                bodies.AddOrUpdate(response.Body, 1, (_, count) => count + 1);
                if (response.Status != 200)
                    wrong.Enqueue(response.Head + response.Body);
            }
        })).ToList();

        for (var i = 0; i < 40; i++)
        {
            Write($"upstreams: {(i % 2 == 0 ? second : first).Url}\ncache: off");
            reload.Load(asked: true);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(wrong);
        Assert.Equal(["first", "second"], bodies.Keys.Order());
    }

    private static ScriptedServer Slow(string body) => new(async conversation =>
    {
        while (await conversation.ReadRequestAsync() is not null)
        {
            await Task.Delay(5, conversation.Stop);
            await conversation.SendAsync(ScriptedServer.Ok(body));
        }
    });

    private void Write(string text)
    {
        // As an editor does: another file takes its place.
        File.WriteAllText(Config + ".new", text);
        File.Move(Config + ".new", Config, overwrite: true);
    }

    private async Task<(GatewayServer Gateway, SettingsReload Reload, LogLines<SettingsReload> Log)> StartAsync()
    {
        var arguments = new GatewayArguments { ConfigFile = Config, Listen = ["http://127.0.0.1:0"] };
        var settings = SettingsSource.Read(arguments, [])!;
        var gateway = await GatewayServer.StartAsync(settings);
        var log = new LogLines<SettingsReload>();
        return (gateway, new SettingsReload(arguments, settings, gateway.Services.GetRequiredService<GatewayRoutes>(), TimeProvider.System, log), log);
    }
}
