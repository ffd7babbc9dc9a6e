using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Headroom.Load.Tests.Wire;

namespace Headroom.Load.Tests.Runs;

/// <summary>https against servers whose certificates, demands or protocols will not do: told in words before anything is sent, and counted in a run.</summary>
public sealed class TlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_Insecure_MeasuresAndSaysThatTheCertificateWasNotChecked()
    {
        await using var server = Serve(new() { ServerCertificate = TestCertificates.Localhost });
        var run = await LoadRun.RunAsync(Plan(server.Url), new LoadOptions { Insecure = true }, cancellation: Token);
        Assert.Equal((100, 100, 0), (server.Requests, run.Summary.Requests, run.Summary.Errors));
        Assert.Contains(run.Warnings, finding => finding.Code == "certificate-not-checked");
    }

    [Fact]
    public async Task RunAsync_SelfSigned_SaysSo() =>
        await AssertRefusedAsync(TestCertificates.Localhost, "its certificate is self-signed, and this machine does not trust it", "--insecure accepts any certificate");

    [Fact]
    public async Task RunAsync_UnknownAuthority_NamesIt()
    {
        using var certificate = TestCertificates.Make("CN=localhost", TestCertificates.Authority, "localhost");
        await AssertRefusedAsync(certificate, "its certificate was issued by 'CN=Headroom test authority', which this machine does not trust");
    }

    [Fact]
    public async Task RunAsync_ExpiredCertificate_SaysWhen()
    {
        var now = DateTimeOffset.UtcNow;
        using var certificate = TestCertificates.Make("CN=localhost", null, "localhost", from: now.AddDays(-9), to: now.AddDays(-2));
        await AssertRefusedAsync(certificate, $"its certificate expired on {now.AddDays(-2):yyyy-MM-dd}");
    }

    [Fact]
    public async Task RunAsync_CertificateOfTomorrow_PointsToTheClock()
    {
        var now = DateTimeOffset.UtcNow;
        using var certificate = TestCertificates.Make("CN=localhost", null, "localhost", from: now.AddDays(2), to: now.AddDays(9));
        await AssertRefusedAsync(certificate, $"its certificate is not valid before {now.AddDays(2):yyyy-MM-dd}", "this machine's clock");
    }

    [Fact]
    public async Task RunAsync_CertificateOfAnotherHost_NamesBoth()
    {
        using var certificate = TestCertificates.Make("CN=api.example", null, "api.example");
        await AssertRefusedAsync(certificate, "its certificate is for 'api.example', not for 'localhost'", "--resolve NAME:PORT:ADDRESS");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task RunAsync_ServerWantsAClientCertificate_SaysSo(SslProtocols protocol)
    {
        await using var server = Serve(Mutual(protocol));
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(server.Url), new LoadOptions { Insecure = true }, cancellation: Token));
        Assert.Contains("client certificate", e.Message, StringComparison.Ordinal);
        Assert.Contains("--cert", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task RunAsync_ClientCertificate_IsShownOnEveryConnection(SslProtocols protocol)
    {
        await using var server = Serve(Mutual(protocol));
        var options = new LoadOptions { Insecure = true, ClientCertificate = TestCertificates.Client };
        var run = await LoadRun.RunAsync(Plan(server.Url), options, cancellation: Token);
        Assert.Equal((100, 100, 0), (server.Requests, run.Summary.Requests, run.Summary.Errors));
    }

    [Fact]
    public async Task RunAsync_OtherClientCertificate_IsRefused()
    {
        await using var server = Serve(Mutual(SslProtocols.Tls13));
        using var stranger = TestCertificates.Make("CN=stranger", null);
        var options = new LoadOptions { Insecure = true, ClientCertificate = stranger };
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(server.Url), options, cancellation: Token));
        Assert.Contains("TLS failed: ", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task RunAsync_NoCommonProtocol_SaysSo()
    {
        await using var server = Serve(new()
        {
            ServerCertificate = TestCertificates.Localhost,
            ApplicationProtocols = [new SslApplicationProtocol("h3-only")],
        });
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(server.Url), new LoadOptions { Insecure = true }, cancellation: Token));
        Assert.Contains("does not speak this version of HTTP over TLS (ALPN)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_HttpsToAPlainServer_PointsToHttp()
    {
        await using var server = new ScriptedServer(conversation => conversation.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
        var url = new UriBuilder(server.Url) { Scheme = "https" }.Uri;
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(url), cancellation: Token));
        Assert.Contains("write http://", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_CertificateChangesInTheRun_IsCountedAsRefused()
    {
        // Trusted by --insecure at no time: the check at the start would end the run, so the wire alone is asked.
        await using var server = Serve(new() { ServerCertificate = TestCertificates.Localhost });
        Assert.Equal("CertificateRefused", WireProbe.ErrorOf(server));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task RunAsync_ClientCertificateMissingInTheRun_IsCountedAsTlsFailed(SslProtocols protocol)
    {
        await using var server = Serve(Mutual(protocol));
        Assert.Equal("TlsFailed", WireProbe.ErrorOf(server, insecure: true));
    }

    private static async Task AssertRefusedAsync(X509Certificate2 certificate, params string[] expected)
    {
        await using var server = Serve(new() { ServerCertificate = certificate });
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(server.Url), cancellation: Token));
        Assert.Contains($"Cannot reach {server.Url.GetLeftPart(UriPartial.Authority)}: ", e.Message, StringComparison.Ordinal);
        Assert.All(expected, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.Equal(0, server.Requests);
    }

    private static SslServerAuthenticationOptions Mutual(SslProtocols protocol) => new()
    {
        ServerCertificate = TestCertificates.Localhost,
        EnabledSslProtocols = protocol,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Issuer == TestCertificates.Authority.Subject,
    };

    private static ScriptedServer Serve(SslServerAuthenticationOptions tls) =>
        ScriptedServer.Always(System.Text.Encoding.Latin1.GetBytes(ScriptedServer.Ok("x")), tls: tls);

    private static LoadPlan Plan(Uri url) => new()
    {
        Name = "tls",
        Requests = [new PlannedRequest { Name = "GET /", Url = url }],
        Scenarios =
        [
            new Scenario { Name = "open", Executor = ExecutorKind.ConstantArrivalRate, RatePerSecond = 100, Connections = 4, Duration = TimeSpan.FromSeconds(1) },
        ],
    };
}
