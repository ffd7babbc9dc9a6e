using System.Net;
using System.Security.Cryptography.X509Certificates;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Headroom.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Tests.Hosting;

public sealed class CertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-gateway-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Https_BothSides_SpeakHttp2AndPassTheScheme()
    {
        using var certificate = TestCertificate.Create();
        await using var origin = await KestrelOrigin.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host} {context.Request.Headers["X-Forwarded-Proto"]} {context.Request.Headers["X-Forwarded-Host"]}"),
            HttpProtocols.Http1AndHttp2,
            certificate);
        var upstream = UpstreamSettings.Default(origin.Url.ToString().TrimEnd('/')) with { VerifyCertificate = false };
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), upstream) with { Listen = [Secure(certificate)] });
        using var client = Client();

        using var response = await client.GetAsync($"https://localhost:{gateway.Url.Port}/", TestContext.Current.CancellationToken);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal($"HTTP/2 {origin.Url.Authority} https localhost:{gateway.Url.Port}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("2.0 headroom", response.Headers.Via.Single().ToString());
    }

    [Fact]
    public void Load_FilesHoldNoCertificate_SaysWhichFiles()
    {
        var file = Path.Combine(_folder, "cert.pem");
        File.WriteAllText(file, "nothing");

        var exception = Assert.Throws<IOException>(() => Gateway.Hosting.CertificateFiles.Load(new CertificateSettings(file, file)));

        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Select_ChangedFileDoesNotFit_KeepsTheOneBeforeAndSaysSoOnce(bool isCertificate)
    {
        using var renewed = TestCertificate.Create();
        using var certificate = TestCertificate.Create();
        var files = Secure(certificate).Certificate!;
        var time = new ManualTime();
        var logger = new LogLines<Gateway.Hosting.CertificateFiles>();
        var selector = new Gateway.Hosting.CertificateFiles(files, time, logger);
        File.WriteAllText(files.CertificateFile, isCertificate ? renewed.ExportCertificatePem() : "half");
        File.SetLastWriteTimeUtc(files.CertificateFile, DateTime.UtcNow.AddMinutes(1));

        for (var look = 0; look < 3; look++)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            Assert.Equal(certificate.Thumbprint, selector.Select(null, null).Thumbprint);
        }

        Assert.Contains(files.CertificateFile, Assert.Single(logger.Lines), StringComparison.Ordinal);
    }

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
#pragma warning disable CA5359 // The test's own certificate.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        DefaultRequestVersion = HttpVersion.Version20,
    };

    private ListenSettings Secure(X509Certificate2 certificate)
    {
        var (cert, key) = (Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));
        File.WriteAllText(cert, certificate.ExportCertificatePem());
        using var secret = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(key, secret.ExportPkcs8PrivateKeyPem());
        return new ListenSettings("https://127.0.0.1:0", "127.0.0.1", 0, HttpProtocols.Http1AndHttp2, new CertificateSettings(cert, key));
    }
}
