namespace Headroom.Load.Wire;

/// <summary>
/// Why an exchange ended without a usable response, named for the stage it failed in. These are outcomes to be counted,
/// not exceptions; docs/errors.md explains each to users under its camel-case name.
/// </summary>
internal enum WireError : byte
{
    None = 0,

    // Connecting
    ConnectRefused,
    ConnectTimeout,
    ConnectFailed,
    PortsExhausted,
    FilesExhausted,
    TlsFailed,
    CertificateRefused,

    // Sending and waiting
    SendFailed,
    ResponseTimeout,
    TotalTimeout,
    ConnectionReset,
    ConnectionClosed,

    // Reading
    PrematureEnd,
    BadStatusLine,
    BadHeader,
    HeadTooLarge,
    BadContentLength,
    BadChunk,
    SurplusBytes,
    UnexpectedUpgrade,

    // HTTP/2
    StreamReset,
    ProtocolFailed,

    // The run ended first
    Interrupted,
}

internal static class WireErrorNames
{
    private static readonly string[] Names =
        [.. Enum.GetNames<WireError>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    /// <summary>The name in run files: <c>connectRefused</c>.</summary>
    public static string Name(this WireError error) => Names[(int)error];

    /// <summary>The same by name, for figures read from a run file.</summary>
    public static bool IsConnectFailure(string name) => Array.IndexOf(Names, name) is var index and >= 0 && ((WireError)index).IsConnectFailure();

    /// <summary>True for the failures that say the target cannot be talked to at all.</summary>
    public static bool IsConnectFailure(this WireError error) => error is >= WireError.ConnectRefused and <= WireError.CertificateRefused;
}
