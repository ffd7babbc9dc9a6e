using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Headroom.Cli.Tests.Gateway;

public sealed class GatewayCommandTests
{
    private const string ListeningOn = "headroom gateway listening on ";

    [Fact]
    public async Task Gateway_UpstreamGiven_ForwardsUntilSigtermAndEndsWithZero()
    {
        await using var upstream = ScriptedServer.Always(ScriptedServer.Ok("from upstream"));
        using var process = HeadroomProcess.Start(["gateway", "--upstream", upstream.Url.ToString(), "--listen", "http://127.0.0.1:0"]);
        try
        {
            var url = await ReadAddressAsync(process);
            using var client = new HttpClient();
            Assert.Equal("from upstream", await client.GetStringAsync(url, TestContext.Current.CancellationToken));

            // The process that was started has become the gateway: the signal reaches it without a middleman.
            using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            var result = await HeadroomProcess.FinishAsync(process);
            Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Gateway_MistakesInArguments_AreToldTogetherWithExitCodeTwo()
    {
        var result = await HeadroomProcess.RunAsync("gateway", "--upstrem", "--upstream", "127.0.0.1:3000", "--listen", "http://example.com:80", "more");

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("unknown option '--upstrem'; did you mean '--upstream'?", result.Error, StringComparison.Ordinal);
        Assert.Contains("--upstream: '127.0.0.1:3000' is not the address of an upstream; write one such as http://127.0.0.1:3000", result.Error, StringComparison.Ordinal);
        Assert.Contains("--listen: 'http://example.com:80' has host 'example.com'; write an IP address, localhost, or * for all addresses", result.Error, StringComparison.Ordinal);
        Assert.Contains("'more' is one word too many", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_Help_IsTheGateways()
    {
        var result = await HeadroomProcess.RunAsync("gateway", "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Usage: headroom gateway --upstream URL", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_AddressInUse_IsToldWithExitCodeTwo()
    {
        await using var upstream = ScriptedServer.Always(ScriptedServer.Ok(""));
        var taken = upstream.Url.ToString().TrimEnd('/');

        var result = await HeadroomProcess.RunAsync("gateway", "--upstream", "http://127.0.0.1:1", "--listen", taken);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("address already in use", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Gateway_AddressOfAnotherMachine_IsToldWithExitCodeTwo()
    {
        // TEST-NET-1 (RFC 5737): nobody's.
        var result = await HeadroomProcess.RunAsync("gateway", "--upstream", "http://127.0.0.1:1", "--listen", "http://192.0.2.1:18080");

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("cannot listen on http://192.0.2.1:18080: ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Gateway_SigtermUnderLoad_LosesNoAcceptedRequest()
    {
        await using var upstream = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                await Task.Delay(30, conversation.Stop);
                await conversation.SendAsync(ScriptedServer.Ok("fine"));
            }
        });
        using var process = HeadroomProcess.Start(["gateway", "--upstream", upstream.Url.ToString(), "--listen", "http://127.0.0.1:0"]);
        try
        {
            var url = await ReadAddressAsync(process);
            var answered = 0;
            var lost = new ConcurrentQueue<string>();
            var clients = Enumerable.Range(0, 16).Select(number => Task.Run(async () =>
            {
                // On kept connections, as real clients have them; a new one only where the answer said close. The end is a connection that is refused, or one that the kernel took
                // and the gateway no more: closing a listening socket resets what waits there to be accepted.
                var isNew = false;
                using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
                handler.ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    isNew = true;
                    return new NetworkStream(socket, ownsSocket: true);
                };
                using var client = new HttpClient(handler);
                while (true)
                {
                    try
                    {
                        Assert.Equal("fine", await client.GetStringAsync(new Uri(url, $"/{number}")));
                        Interlocked.Increment(ref answered);
                        isNew = false;
                    }
                    catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError || isNew)
                    {
                        return;
                    }
                    catch (HttpRequestException e)
                    {
                        lost.Enqueue(e.ToString());
                        return;
                    }
                }
            })).ToList();
            for (var tries = 0; tries < 600 && Volatile.Read(ref answered) < 200; tries++)
                await Task.Delay(50, TestContext.Current.CancellationToken);
            var before = Volatile.Read(ref answered);

            using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(clients);
            var result = await HeadroomProcess.FinishAsync(process);

            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            Assert.Empty(lost);
            Assert.True(before > 16 && answered > before, $"{before} answers before the signal, {answered} in all");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Gateway_CheckOfAFileWithMistakes_TellsAllWithTheirLines()
    {
        var file = Path.Combine(Path.GetTempPath(), $"gateway-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, "upstreams: [ nonsense ]\nretrys: 1\n", TestContext.Current.CancellationToken);

        var result = await HeadroomProcess.RunAsync("gateway", "--config", file, "--check");
        File.Delete(file);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"{file}:1:14: 'nonsense' is not the address of an upstream; write one such as http://127.0.0.1:3000", result.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:2:1: unknown key 'retrys'", result.Error, StringComparison.Ordinal);
    }

    private static async Task<Uri> ReadAddressAsync(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        if (line is null || !line.StartsWith(ListeningOn, StringComparison.Ordinal))
            Assert.Fail($"'{line}' is not where it listens: {await process.StandardError.ReadToEndAsync(patience.Token)}");
        return new Uri(line[ListeningOn.Length..]);
    }
}
