using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Headroom.Gateway.Configuration;
using Microsoft.AspNetCore.Connections;

namespace Headroom.Gateway.Hosting;

/// <summary>The certificate of an address, read again when its file has changed: a renewed one is used for new connections without a reload. One that cannot be read does not take the place of the last good one; the log says so.</summary>
internal sealed partial class CertificateFiles
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    private readonly CertificateSettings _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private X509Certificate2 _certificate;
    private DateTime _changed;
    private DateTime _refused;
    private long _looked;

    public CertificateFiles(CertificateSettings files, TimeProvider time, ILogger logger)
    {
        (_files, _time, _logger) = (files, time, logger);
        _changed = Changed();
        _certificate = Load(files);
        _looked = time.GetTimestamp();
    }

    /// <exception cref="IOException">The files hold no certificate with its key.</exception>
    public static X509Certificate2 Load(CertificateSettings files)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
            // The TLS stack of some systems does not take a key that was never stored.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
        }
        // A key of another certificate is one or the other, depending on its algorithm.
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new IOException($"'{files.CertificateFile}' and '{files.KeyFile}' are not a certificate and its key in PEM: {e.Message}", e);
        }
    }

    public X509Certificate2 Select(ConnectionContext? connection, string? name)
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _looked)) >= LookAgainAfter)
            LookAgain();
        return Volatile.Read(ref _certificate);
    }

    private void LookAgain()
    {
        lock (_reading)
        {
            Volatile.Write(ref _looked, _time.GetTimestamp());
            var changed = _changed;
            try
            {
                changed = Changed();
                if (changed == _changed)
                    return;
                Volatile.Write(ref _certificate, Load(_files));
                _changed = changed;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Half written, perhaps: the next look finds it whole. Told once for each change.
                if (changed == _refused)
                    return;
                _refused = changed;
                LogKept(_logger, e.Message);
            }
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "the changed certificate was not loaded, the one before stays in use: {Problem}")]
    private static partial void LogKept(ILogger logger, string problem);

    private DateTime Changed() => File.GetLastWriteTimeUtc(_files.CertificateFile) is var certificate && File.GetLastWriteTimeUtc(_files.KeyFile) is var key && key > certificate ? key : certificate;
}
