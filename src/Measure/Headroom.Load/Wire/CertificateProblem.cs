using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Load.Wire;

/// <summary>Says in words what is wrong with a server's certificate, as the end of a sentence: what was found, and what would help.</summary>
internal static class CertificateProblem
{
    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    public static string Describe(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "the server shows no certificate";
        var problems = new List<string>();
        var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            problems.Add(DescribeTime(certificate, chain!));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            problems.Add($"its certificate is for {Names(certificate)}, not for '{host}'; write a name that it has, and where that name leads elsewhere, "
                + "--resolve NAME:PORT:ADDRESS");
        }

        if ((status & Untrusted) != X509ChainStatusFlags.NoError)
        {
            problems.Add(certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                ? "its certificate is self-signed, and this machine does not trust it; add it to the system's trusted certificates"
                : $"its certificate was issued by '{certificate.Issuer}', which this machine does not trust; add that authority to the system's trusted certificates, "
                    + "or have the server send its intermediate certificates");
        }

        foreach (var other in (chain?.ChainStatus ?? []).Where(entry => (entry.Status & ~(Untrusted | X509ChainStatusFlags.NotTimeValid)) != X509ChainStatusFlags.NoError))
            problems.Add($"its certificate is not accepted: {other.StatusInformation.Trim().TrimEnd('.')}");
        return problems.Count > 0 ? string.Join("; ", problems) : $"its certificate is not accepted ({errors})";
    }

    /// <summary>The certificate of the chain that is out of its time: often an authority's, not the server's own.</summary>
    private static string DescribeTime(X509Certificate2 certificate, X509Chain chain)
    {
        var late = chain.ChainElements
            .FirstOrDefault(element => element.ChainElementStatus.Any(entry => entry.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)))?.Certificate ?? certificate;
        var whose = late.Thumbprint == certificate.Thumbprint ? "its certificate" : $"the certificate of its authority '{late.Subject}'";
        return late.NotBefore > chain.ChainPolicy.VerificationTime
            ? $"{whose} is not valid before {late.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; look at this machine's clock"
            : $"{whose} expired on {late.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; renew it";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var alternative = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] names = alternative is null
            ? [certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)]
            : [.. alternative.EnumerateDnsNames(), .. alternative.EnumerateIPAddresses().Select(address => address.ToString())];
        const int Shown = 5;
        return string.Join(", ", names.Take(Shown).Select(name => $"'{name}'")) + (names.Length > Shown ? $" and {names.Length - Shown} more" : "");
    }
}
