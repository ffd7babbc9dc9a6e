using System.CommandLine;
using System.Globalization;
using System.Net;
using Headroom.Load;

namespace Headroom.Cli.CommandLine;

/// <summary>Options of every command that sends load: where it connects to and as whom.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<bool> _insecure = new("--insecure") { Description = "Accept any TLS certificate." };
    private readonly Option<string?> _certificate = Options.Path("--cert", "FILE", "Client certificate for servers that ask for one: PEM with --key, or PFX.");
    private readonly Option<string?> _key = Options.Path("--key", "FILE", "Private key of --cert, in PEM.");
    private readonly Option<string[]> _resolve = Options.Many(
        "--resolve", "HOST:PORT:ADDRESS", "Connect to this address for a host and port (IPv6 in brackets); repeatable.", text => TryParse(text, out _));

    private readonly Option<string?> _unixSocket = Options.Path("--unix-socket", "PATH", "Connect to a unix socket, whatever host the address names.");
    private readonly Option<bool> _http2 = new("--http2") { Description = "Speak HTTP/2: over TLS by ALPN, without it by prior knowledge." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _insecure, _certificate, _key, _resolve, _unixSocket, _http2 })
            command.Options.Add(option);
    }

    /// <summary>The options put into <paramref name="options"/>; files that they name are read now.</summary>
    /// <exception cref="UsageException">A certificate or key cannot be read, or options do not fit together.</exception>
    public LoadOptions Read(ParseResult result, LoadOptions options)
    {
        var resolve = result.GetValue(_resolve) ?? [];
        var unixSocket = result.GetValue(_unixSocket);
        if (resolve.Length > 0 && unixSocket is not null)
            throw new UsageException("--resolve and --unix-socket are both given; keep one");
        return options with
        {
            Insecure = result.GetValue(_insecure),
            ClientCertificate = ClientCertificateFile.Read(result.GetValue(_certificate), result.GetValue(_key)),
            Resolve = [.. resolve.Select(text => TryParse(text, out var host) is null ? host! : throw new InvalidOperationException("The parser has checked it."))],
            UnixSocket = unixSocket,
        };
    }

    /// <summary>Files of certificates and keys.</summary>
    public IEnumerable<string> Files(ParseResult result) => new[] { result.GetValue(_certificate), result.GetValue(_key) }.OfType<string>();

    /// <summary>Whether HTTP/2 is asked for, whatever the plan says.</summary>
    public bool IsHttp2(ParseResult result) => result.GetValue(_http2);

    /// <summary>What is wrong with the text, or null.</summary>
    private static string? TryParse(string text, out ResolvedHost? host)
    {
        host = null;
        var allowed = $"--resolve is '{text}'; write HOST:PORT:ADDRESS, such as api.example:443:127.0.0.1 or api.example:443:[::1]";
        var hostEnd = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var portEnd = hostEnd > 0 && hostEnd < text.Length ? text.IndexOf(':', hostEnd + 1) : -1;
        if (hostEnd <= 0 || portEnd < 0 || text[hostEnd] != ':')
            return allowed;
        var address = text[(portEnd + 1)..];
        var bare = address.StartsWith('[') && address.EndsWith(']') ? address[1..^1] : address;
        if (!int.TryParse(text.AsSpan(hostEnd + 1, portEnd - hostEnd - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65_535)
            return allowed;

        // TryParse takes 127.1 and 2130706433 as addresses; a slip of the hand is likelier.
        if (!IPAddress.TryParse(bare, out var parsed) || (!bare.Contains(':', StringComparison.Ordinal) && bare.Count(letter => letter == '.') != 3))
            return allowed;
        host = new ResolvedHost(text[..hostEnd].Trim('[', ']'), port, parsed);
        return null;
    }
}
