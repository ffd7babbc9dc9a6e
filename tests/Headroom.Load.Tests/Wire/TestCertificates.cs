using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Load.Tests.Wire;

/// <summary>Certificates made for one test process, and trusted by nobody.</summary>
internal static class TestCertificates
{
    private static readonly Lazy<X509Certificate2> Self = new(() => Make("CN=localhost", null, host: "localhost"));
    private static readonly Lazy<X509Certificate2> OwnAuthority = new(() => Make("CN=Headroom test authority", null, isAuthority: true));
    private static readonly Lazy<X509Certificate2> OwnClient = new(() => Make("CN=client", Authority));

    /// <summary>Self-signed, for localhost.</summary>
    public static X509Certificate2 Localhost => Self.Value;

    public static X509Certificate2 Authority => OwnAuthority.Value;

    /// <summary>Issued by <see cref="Authority"/>.</summary>
    public static X509Certificate2 Client => OwnClient.Value;

    public static X509Certificate2 Make(
        string subject, X509Certificate2? issuer, string? host = null, bool isAuthority = false, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }

        var now = DateTimeOffset.UtcNow;
        using var bare = issuer is null
            ? request.CreateSelfSigned(from ?? now.AddDays(-1), to ?? now.AddDays(1))
            : WithKey(request.Create(issuer, from ?? now.AddDays(-1), to ?? now.AddHours(12), RandomNumberGenerator.GetBytes(8)), key);
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, RSA key)
    {
        using (certificate)
            return certificate.CopyWithPrivateKey(key);
    }
}
