using System.Net.Sockets;
using System.Text;

namespace Headroom.Http.Tests.ApiKeys;

/// <summary>A request whose fields go out as they are written, each on its own line.</summary>
internal static class RawRequest
{
    public static Task<string> SendAsync(Uri address, string path, params string[] headers) => SendAsync(address, "GET", path, body: "", headers);

    /// <summary>The same with a body, as it is written.</summary>
    public static async Task<string> SendAsync(Uri address, string method, string path, string body, string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var request = $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n{body}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
