using System.Net;
using System.Text;
using Headroom.Load.Target;
using Headroom.Load.Tests.Wire;

namespace Headroom.Load.Tests.Runs;

/// <summary>Where a run connects to: names given an address, IPv6, unix sockets.</summary>
public sealed class AddressTests
{
    private static readonly byte[] Ok = Encoding.Latin1.GetBytes(ScriptedServer.Ok("x"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_Resolve_ConnectsThereAndKeepsTheName()
    {
        string? seen = null;
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                seen = request;
                await conversation.SendAsync(Ok);
            }
        });
        var plan = Plan(new Uri($"http://no-such-host.invalid:{server.Address.Port}/"));
        var run = await LoadRun.RunAsync(plan, new LoadOptions { Resolve = [new("No-Such-Host.invalid", server.Address.Port, IPAddress.Loopback)] }, cancellation: Token);
        Assert.Equal((20, 0), (run.Summary.Requests, run.Summary.Errors));
        Assert.Contains($"Host: no-such-host.invalid:{server.Address.Port}\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ResolveOfAHostThatIsNotAsked_IsAMistake()
    {
        await using var server = ScriptedServer.Always(Ok);
        var options = new LoadOptions { Resolve = [new("127.0.0.2", server.Address.Port, IPAddress.Loopback)] };
        var e = await Assert.ThrowsAsync<LoadPlanException>(() => LoadRun.RunAsync(Plan(server.Url), options, cancellation: Token));
        Assert.Contains($"the plan asks nothing of 127.0.0.2:{server.Address.Port}; write a host and port that it asks: 127.0.0.1:{server.Address.Port}", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task RunAsync_UnknownName_SaysSoAndHowToGiveItAnAddress()
    {
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(new Uri("http://no-such-host.invalid:81/")), cancellation: Token));
        Assert.Contains("the host name 'no-such-host.invalid' does not resolve", e.Message, StringComparison.Ordinal);
        Assert.Contains("--resolve no-such-host.invalid:81:ADDRESS", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_IPv6_SendsTheBracketedHost()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "this machine has no IPv6");
        string? seen = null;
        await using var server = new ScriptedServer(
            async conversation =>
            {
                while (await conversation.ReadRequestAsync() is { } request)
                {
                    seen = request;
                    await conversation.SendAsync(Ok);
                }
            },
            new IPEndPoint(IPAddress.IPv6Loopback, 0));
        var run = await LoadRun.RunAsync(Plan(server.Url), cancellation: Token);
        Assert.Equal((20, 0), (run.Summary.Requests, run.Summary.Errors));
        Assert.Contains($"Host: [::1]:{server.Address.Port}\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_UnixSocket_TakesEveryRequest()
    {
        await using var server = ScriptedServer.Always(Ok, UnixSocketPath.Next());
        var run = await LoadRun.RunAsync(Plan(new Uri("http://any.invalid/")), new LoadOptions { UnixSocket = server.EndPoint.ToString() }, cancellation: Token);
        Assert.Equal((20, 20, 0), (server.Requests, run.Summary.Requests, run.Summary.Errors));
    }

    [Fact]
    public async Task RunAsync_UnixSocketThatIsNotThere_IsNamed()
    {
        var path = UnixSocketPath.Next().ToString();
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(
            () => LoadRun.RunAsync(Plan(new Uri("http://localhost/")), new LoadOptions { UnixSocket = path }, cancellation: Token));
        Assert.Equal($"Cannot reach http://localhost: unix socket '{path}': there is no such socket.", e.Message);
    }

    [Fact]
    public async Task RunAsync_UnixSocketPathTooLong_SaysWhatIsAllowed()
    {
        var e = await Assert.ThrowsAsync<LoadPlanException>(
            () => LoadRun.RunAsync(Plan(new Uri("http://localhost/")), new LoadOptions { UnixSocket = "/" + new string('x', 107) }, cancellation: Token));
        Assert.Contains("has 108 bytes; allowed is 1 to 107", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_UnixSocket_IsTheProcessThatListens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc exists on Linux only");
        await using var server = ScriptedServer.Always(Ok, UnixSocketPath.Next());
        Assert.Equal([Environment.ProcessId], ListeningProcess.Find(server.EndPoint));
        Assert.Empty(ListeningProcess.Find(UnixSocketPath.Next()));
    }

    private static LoadPlan Plan(Uri url) => new()
    {
        Name = "addresses",
        Requests = [new PlannedRequest { Name = "GET /", Url = url }],
        Scenarios =
        [
            new Scenario { Name = "open", Executor = ExecutorKind.ConstantArrivalRate, RatePerSecond = 100, Connections = 2, Duration = TimeSpan.FromMilliseconds(200) },
        ],
    };
}
