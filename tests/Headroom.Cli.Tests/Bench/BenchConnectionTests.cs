using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Headroom.Cli.Tests.Bench;

/// <summary>Options that say where to connect and as whom.</summary>
public sealed class BenchConnectionTests : IDisposable
{
    private static readonly string[] Short = ["--connections", "1", "--duration", "200ms", "--warmup", "0s", "--quiet"];

    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-cert-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("localhost:127.0.0.1")]
    [InlineData("localhost:0:127.0.0.1")]
    [InlineData("localhost:80:127.1")]
    [InlineData(":80:127.0.0.1")]
    [InlineData("localhost:80:")]
    [InlineData("[::1:80:127.0.0.1")]
    public async Task Bench_BadResolve_SaysWhatToWrite(string value)
    {
        var result = await HeadroomProcess.RunAsync("bench", "http://localhost/", "--resolve", value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"--resolve is '{value}'; write HOST:PORT:ADDRESS", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Resolve_ConnectsThere()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var port = server.Address.Port;
        var result = await HeadroomProcess.RunAsync(["bench", $"http://api.invalid:{port}/", "--resolve", $"api.invalid:{port}:127.0.0.1", .. Short]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.True(server.Requests > 0);
    }

    [Fact]
    public async Task Bench_UnixSocket_ConnectsThere()
    {
        var path = Path.Combine(_folder, "s");
        await using var server = ScriptedServer.Always(Encoding.Latin1.GetBytes(ScriptedServer.Ok("x")), new UnixDomainSocketEndPoint(path));
        var result = await HeadroomProcess.RunAsync(["bench", "http://localhost/", "--unix-socket", path, .. Short]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.True(server.Requests > 0);
    }

    [Fact]
    public async Task Bench_ClientCertificate_InEveryForm_IsShown()
    {
        var (certificate, key) = WriteCertificate("client");
        using var pair = X509Certificate2.CreateFromPemFile(certificate, key);
        var both = Write("both.pem", File.ReadAllText(certificate) + "\n" + File.ReadAllText(key));
        var pfx = Path.Combine(_folder, "client.pfx");
        await File.WriteAllBytesAsync(pfx, pair.Export(X509ContentType.Pfx, "open sesame"), TestContext.Current.CancellationToken);
        var seen = new System.Collections.Concurrent.ConcurrentBag<string?>();
        await using var server = ScriptedServer.Always(Encoding.Latin1.GetBytes(ScriptedServer.Ok("x")), tls: new SslServerAuthenticationOptions
        {
            ServerCertificate = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), null),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
            {
                seen.Add(shown?.Subject);
                return shown is not null;
            },
        });
        var environment = new Dictionary<string, string> { ["HEADROOM_CERT_PASSWORD"] = "open sesame" };
        foreach (var options in new string[][] { ["--cert", certificate, "--key", key], ["--cert", both], ["--cert", pfx] })
        {
            seen.Clear();
            using var process = HeadroomProcess.Start(["bench", server.Url.ToString(), "--insecure", .. options, .. Short], environment: environment);
            var result = await HeadroomProcess.FinishAsync(process);
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.NotEmpty(seen);
            Assert.All(seen, subject => Assert.Equal("CN=client", subject));
        }
    }

    [Fact]
    public async Task Bench_TrustedCertificate_NeedsNoInsecure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SSL_CERT_FILE is OpenSSL's");
        var (certificate, key) = WriteCertificate("localhost");
        using var pair = X509Certificate2.CreateFromPemFile(certificate, key);
        await using var server = ScriptedServer.Always(
            Encoding.Latin1.GetBytes(ScriptedServer.Ok("x")),
            tls: new SslServerAuthenticationOptions { ServerCertificate = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), null) });
        using var process = HeadroomProcess.Start(["bench", server.Url.ToString(), .. Short], environment: new Dictionary<string, string> { ["SSL_CERT_FILE"] = certificate });
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    [Fact]
    public async Task Bench_CertificateFilesThatDoNotFit_AreToldBeforeAnythingIsSent()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var (certificate, key) = WriteCertificate("client");
        var (_, otherKey) = WriteCertificate("other");
        var text = Write("text.pem", "no certificate at all");
        var broken = Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        var missing = Path.Combine(_folder, "missing.pem");
        foreach (var (options, expected) in new (string[], string)[]
        {
            (["--cert", missing, "--key", key], $"--cert: cannot read '{missing}'"),
            (["--cert", certificate, "--key", missing], $"--key: cannot read '{missing}'"),
            (["--cert", certificate, "--key", otherKey], $"the key in '{otherKey}' does not belong to the certificate in '{certificate}'"),
            (["--cert", certificate], $"'{certificate}' holds no private key; give the key's file with --key"),
            (["--key", key], "--key is given without --cert"),
            (["--cert", text], "is neither PEM nor a PFX file"),
            (["--cert", text, "--key", key], "is not PEM"),
            (["--cert", broken, "--key", key], "holds no certificate that can be read"),
            (["--resolve", "a:1:127.0.0.1", "--unix-socket", "s"], "--resolve and --unix-socket are both given"),
        })
        {
            var result = await HeadroomProcess.RunAsync(["bench", server.Url.ToString(), .. options, .. Short]);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, server.Connections);
    }

    private (string Certificate, string Key) WriteCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (Write($"{name}.pem", certificate.ExportCertificatePem()), Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
