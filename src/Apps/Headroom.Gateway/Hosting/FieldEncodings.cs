using System.Text;

namespace Headroom.Gateway.Hosting;

/// <summary>How the fields of a request are decoded: each byte is one character, and goes out as the same byte; two fields need more than that.</summary>
internal static class FieldEncodings
{
    public static Encoding Select(string name) => name.Length switch
    {
        10 when string.Equals(name, "Connection", StringComparison.OrdinalIgnoreCase) => ConnectionFieldEncoding.Instance,
        14 when string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase) => LengthFieldEncoding.Instance,
        _ => Encoding.Latin1,
    };
}
