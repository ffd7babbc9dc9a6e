using System.IO;
using System.Net.Sockets;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.InterimAnswers;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Gateway.Wire;

/// <summary>
/// One request and its answer over HTTP/1.1 without TLS, the ordinary case, between the server's own buffers and a socket; all other cases go through the framework's client.
/// 1. Rent a connection.
/// 2. Send the head, and the body beside what follows: with Expect: 100-continue once the upstream asks for it, or after a second.
/// 3. Read heads: interim ones go to the client (<see cref="InterimPass"/>), until the final one.
/// 4. Write the head of the answer, copy its body (<see cref="WireBody"/>).
/// 5. Give the connection back; it is used again only if request and answer are complete and nothing else came.
/// What goes wrong before 4 is told by its stage, and the caller may try elsewhere; after that the client has the beginning of an answer.
/// </summary>
internal sealed class WireExchange(HttpContext context, Upstream upstream, ForwardOptions options, RequestBody? body, ForwardDeadline deadline, TimeProvider time)
{
    private const int HeadBytesMax = 64 * 1024;

    /// <summary>For upstreams that do not know 100-continue (RFC 9110 §10.1.1).</summary>
    private static readonly TimeSpan ContinueAfter = TimeSpan.FromSeconds(1);

    private readonly WirePool _pool = upstream.Wire!;
    private WireConnection _connection = null!;
    private volatile bool _isSent;
    private TaskCompletionSource<bool>? _continues;
    private AnswerHead _head;

    /// <summary>None: the head of the answer is written to the client's response, and <see cref="CopyBodyAsync"/> is next, then <see cref="End"/>.</summary>
    public async ValueTask<ForwardError> BeginAsync(string target)
    {
        var output = new OutputBuffer();
        if (!WireRequest.TryWrite(output, context, (upstream.BasePath, target), upstream.Authority, options, body))
        {
            output.Dispose();
            return ForwardError.HttpRequestError;
        }

        // 1. A connection.
        try
        {
            _connection = await _pool.RentAsync(deadline.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            output.Dispose();
            return ForwardFailure.OfConnecting(e, deadline);
        }

        var error = ForwardError.ConnectionTerminated;
        try
        {
            // 2. The request.
            if (body is null)
            {
                await _connection.SendAsync(output.Written, deadline.Token);
                output.Dispose();
                _isSent = true;
            }
            else
            {
                if (HopByHop.HasToken(context.Request.Headers.Expect, "100-continue"))
                    _continues = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                _ = SendBodyAsync(output, body, body.Turn);
            }

            // 3. and 4. The head of the answer.
            error = await ReadHeadAsync();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            error = ForwardFailure.BeforeResponse(e, deadline, body);
        }
        finally
        {
            _continues?.TrySetResult(false);
            if (error != ForwardError.None)
                _pool.Return(_connection, reusable: false);
        }

        return error;
    }

    public bool HasBody => ResponseHead.HasBody(context.Request, _head.Status, _head.Length);

    public ValueTask<BodyEnd> CopyBodyAsync()
    {
        // Of unknown length: whatever stands between passes on what comes.
        if (_head.Length < 0)
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return new WireBody(_connection, context.Response, deadline, options.IdleTimeout).CopyAsync(_head);
    }

    /// <param name="whole">The body has come to its end.</param>
    public void End(bool whole)
    {
        // Where a body was announced that is not read, its bytes would be taken for the next answer.
        var endIsKnown = whole && (HasBody ? _head.IsChunked || _head.Length >= 0 : HttpMethods.IsHead(context.Request.Method) || _head.Status == StatusCodes.Status304NotModified || (!_head.IsChunked && _head.Length <= 0));
        _pool.Return(_connection, endIsKnown && _head.KeepsAlive && _isSent);
    }

    private async Task SendBodyAsync(OutputBuffer output, RequestBody sent, int turn)
    {
        try
        {
            var stream = new WireRequestStream(_connection, output, chunked: sent.Length is null);
            if (_continues is not null)
            {
                await stream.FlushAsync(deadline.Token);
                if (!await IsWantedAsync(_continues.Task))
                    return;
            }

            await sent.CopyToAsync(stream, turn, CancellationToken.None);
            await stream.EndAsync(deadline.Token);
            _isSent = true;
        }
        catch (Exception) when (sent.ClientFailure is not null)
        {
            // The end of it all: whoever waits for the answer need not.
            _connection.Dispose();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // The body is not this attempt's any more. Or: an upstream that takes no more may have answered all the same.
        }
        finally
        {
            output.Dispose();
        }
    }

    private async Task<bool> IsWantedAsync(Task<bool> asked)
    {
        try
        {
            return await asked.WaitAsync(ContinueAfter, time, deadline.Token);
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private async ValueTask<ForwardError> ReadHeadAsync()
    {
        var scan = new HeadScan(isHead: true);
        var interimBytes = 0;
        while (true)
        {
            switch (scan.Look(_connection.InputSpan, HeadBytesMax, out var length))
            {
                case ScanState.Malformed:
                    return ForwardError.HttpProtocolError;
                case ScanState.TooLarge:
                    return ForwardError.HttpResponseHeaderSectionSize;
                case ScanState.Complete:
                    if (!AnswerHead.TryParse(_connection.InputSpan[..length], out _head))
                        return ForwardError.HttpProtocolError;
                    if (_head.Status == StatusCodes.Status101SwitchingProtocols)
                        return ForwardError.HttpUpgradeFailed;
                    if (_head.Status >= StatusCodes.Status200OK)
                        return WriteHead(length);
                    if ((interimBytes += length) > HeadBytesMax)
                        return ForwardError.HttpResponseHeaderSectionSize;
                    await PassInterimAsync(length);
                    scan = new HeadScan(isHead: true);
                    continue;
            }

            var count = await _connection.ReceiveAsync(deadline.Token);
            if (count == 0)
                return ForwardFailure.BeforeResponse(new IOException("The connection ended before the answer was there."), deadline, body);
            _connection.Received(count);
        }
    }

    private async ValueTask PassInterimAsync(int length)
    {
        var bytes = _connection.Input[..length];
        if (_head.Status == StatusCodes.Status100Continue)
            _continues?.TrySetResult(true);
        else if (InterimHead.Read(bytes.Span, out _, out var head) == AnswerStart.Interim && InterimPass.Of(context, deadline.Token) is { } pass)
            await pass.PassAsync(head);
        _connection.Take(length);
    }

    private ForwardError WriteHead(int length)
    {
        try
        {
            WireAnswer.Write(_connection.InputSpan[..length], _head, context, options);
            _connection.Take(length);
            return ForwardError.None;
        }
        catch (InvalidOperationException)
        {
            // The server refuses something that we let through. What was written before goes too.
            context.Response.Clear();
            return ForwardError.HttpProtocolError;
        }
    }
}
