using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Headroom.Gateway.InterimAnswers;

/// <summary>What can be written on a client's connection before the server writes the answer. The server has no way to send interim answers (RFC 9110 §15.2) but 100.</summary>
internal sealed class ClientConnection(PipeWriter output)
{
    public PipeWriter Output => output;

    /// <summary>Connection middleware, after TLS: the server's own features of a request then have the connection too.</summary>
    public static ConnectionDelegate Add(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(new ClientConnection(connection.Transport.Output));
        return next(connection);
    };
}
