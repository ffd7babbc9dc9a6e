namespace Headroom.Gateway.Forwarding;

/// <summary>What Via says of a message: the version in which it was received, and who received it (RFC 9110 §7.6.3).</summary>
internal static class Vias
{
    public static string Line(string protocol, string name) => protocol switch
    {
        "HTTP/1.1" => $"1.1 {name}",
        "HTTP/2" => $"2.0 {name}",
        "HTTP/1.0" => $"1.0 {name}",
        _ => $"{protocol.AsSpan(protocol.IndexOf('/', StringComparison.Ordinal) + 1)} {name}",
    };

    public static string Line(Version version, string name) => version switch
    {
        { Major: 1, Minor: 1 } => $"1.1 {name}",
        { Major: 2 } => $"2.0 {name}",
        _ => $"{version.ToString(2)} {name}",
    };
}
