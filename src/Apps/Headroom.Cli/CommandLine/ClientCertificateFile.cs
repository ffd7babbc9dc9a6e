using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Cli.CommandLine;

/// <summary>Reads a client certificate with its key: two PEM files, one PEM file with both, or a PFX (PKCS #12) file.</summary>
internal static class ClientCertificateFile
{
    /// <summary>Holds the password of a PFX file or of an encrypted key, so that it stands in no process list.</summary>
    public const string PasswordVariable = "HEADROOM_CERT_PASSWORD";

    /// <exception cref="UsageException">A file cannot be read, holds something else, or the key is another certificate's.</exception>
    public static X509Certificate2? Read(string? certificateFile, string? keyFile)
    {
        if (certificateFile is null)
            return keyFile is null ? null : throw new UsageException("--key is given without --cert; give the certificate that it belongs to");
        var password = Environment.GetEnvironmentVariable(PasswordVariable);
        var content = ReadFile("--cert", certificateFile);
        if (content.AsSpan().IndexOf("-----BEGIN "u8) < 0)
            return keyFile is null
                ? ReadPfx(certificateFile, content, password)
                : throw new UsageException($"--cert: '{certificateFile}' is not PEM; a PFX file carries its own key, so leave --key out");
        return ReadPem(certificateFile, Text(content), keyFile ?? certificateFile, keyFile is null ? Text(content) : Text(ReadFile("--key", keyFile)), password);
    }

    private static X509Certificate2 ReadPem(string certificateFile, string certificate, string keyFile, string key, string? password)
    {
        X509Certificate2 bare;
        try
        {
            bare = X509Certificate2.CreateFromPem(certificate);
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"--cert: '{certificateFile}' holds no certificate that can be read ({Reason(e)}); it must have a BEGIN CERTIFICATE block");
        }

        using (bare)
        {
            if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
                throw new UsageException($"'{keyFile}' holds no private key; give the key's file with --key (a BEGIN PRIVATE KEY block)");
            var encrypted = key.Contains("ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
            if (encrypted && password is null)
                throw new UsageException($"the key in '{keyFile}' is encrypted; put its password into the environment variable {PasswordVariable}");
            try
            {
                using var paired = encrypted ? X509Certificate2.CreateFromEncryptedPem(certificate, key, password) : X509Certificate2.CreateFromPem(certificate, key);

                // Windows' TLS takes no key that lives in memory only; a round through PFX makes it one it takes.
                return X509CertificateLoader.LoadPkcs12(paired.Export(X509ContentType.Pfx), null);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                throw new UsageException(encrypted
                    ? $"the key in '{keyFile}' does not open with the password in {PasswordVariable}, or does not belong to the certificate in '{certificateFile}' ({Reason(e)})"
                    : $"the key in '{keyFile}' does not belong to the certificate in '{certificateFile}', or cannot be read ({Reason(e)})");
            }
        }
    }

    private static X509Certificate2 ReadPfx(string file, byte[] content, string? password)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadPkcs12(content, password);
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"--cert: '{file}' is neither PEM nor a PFX file that opens "
                + (password is null ? $"without a password; put its password into the environment variable {PasswordVariable}" : $"with the password in {PasswordVariable}")
                + $" ({Reason(e)})");
        }

        if (certificate.HasPrivateKey)
            return certificate;
        certificate.Dispose();
        throw new UsageException($"--cert: '{file}' holds no private key; export it together with its key");
    }

    private static byte[] ReadFile(string option, string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option}: cannot read '{file}': {e.Message}");
        }
    }

    private static string Text(byte[] content) => System.Text.Encoding.UTF8.GetString(content);

    private static string Reason(Exception e) => e.Message.TrimEnd('.');
}
