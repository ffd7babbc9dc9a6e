using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Headroom.Load.Tests.Runs;

/// <summary>https against a server whose certificate nobody vouches for.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task RunAsync_UnknownCertificate_IsToldAndNothingIsSent()
    {
        await using var server = new TlsServer();
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(server), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("TLS failed", e.Message, StringComparison.Ordinal);
        Assert.Contains("--insecure", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task RunAsync_Insecure_MeasuresAndSaysThatTheCertificateWasNotChecked()
    {
        await using var server = new TlsServer();
        var run = await LoadRun.RunAsync(Plan(server), new LoadOptions { Insecure = true }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((100, 100, 0), (server.Requests, run.Summary.Requests, run.Summary.Errors));
        Assert.Contains(run.Warnings, finding => finding.Code == "certificate-not-checked");
    }

    private static LoadPlan Plan(TlsServer server) => new()
    {
        Name = "tls",
        Requests = [new PlannedRequest { Name = "GET /", Url = server.Url }],
        Scenarios =
        [
            new Scenario { Name = "open", Executor = ExecutorKind.ConstantArrivalRate, RatePerSecond = 100, Connections = 4, Duration = TimeSpan.FromSeconds(1) },
        ],
    };

    private sealed class TlsServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly X509Certificate2 _certificate = SelfSigned();
        private readonly Task _accepting;
        private int _requests;

        public TlsServer()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public Uri Url => new($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

        public int Requests => Volatile.Read(ref _requests);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _certificate.Dispose();
        }

        private static X509Certificate2 SelfSigned()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    var buffer = new byte[4096];
                    while (await tls.ReadAsync(buffer, _stop.Token) > 0)
                    {
                        Interlocked.Increment(ref _requests);
                        await tls.WriteAsync(Encoding.ASCII.GetBytes(ScriptedServer.Ok("x")), _stop.Token);
                    }
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
                {
                    // The client refused the certificate, or went away.
                }
            }
        }
    }
}
