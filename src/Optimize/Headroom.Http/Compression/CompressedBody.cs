using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Compression;

/// <summary>
/// A response body that is encoded on its way, or passes as it is. Which of them is decided as soon as it can be: 1. at the first byte, where the header fields say that it
/// may not be encoded, or that it will be too short; 2. when all of a known length up to 64 KiB is there, which is then encoded at once; 3. otherwise when the first
/// <see cref="CompressionOptions.MinimumBytes"/> are there; 4. at a flush, by what is there then; 5. at the end. From then on nothing is held back.
/// </summary>
internal sealed class CompressedBody(HttpContext context, IHttpResponseBodyFeature outer, ResponseEncoding encoding) : ResponseBodyFilter(outer)
{
    // Held at most, and encoded at once at most, so that one large write does not become one large buffer.
    const int PieceBytes = 64 * 1024;

    enum Mode
    {
        /// <summary>Nothing is known yet.</summary>
        Unjudged,

        /// <summary>It may be encoded if it is long enough; what came so far is held.</summary>
        Holding,
        Plain,
        Encoding,

        /// <summary>As the encoded content would be, but without it: the answer to HEAD, or the whole was sent already.</summary>
        Dropping,
    }

    /// <summary>What to do with the bytes of one write.</summary>
    enum Step
    {
        Pass,
        Hold,
        EncodeWhole,
        Encode,
        Drop,
    }

    readonly bool isHead = HttpMethods.IsHead(context.Request.Method);

    Mode mode;
    byte[] held = [];
    int length;
    bool mustNotWait;
    bool finished;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (mode == Mode.Plain)
            return Outer.Stream.WriteAsync(buffer, cancellationToken);
        return WriteAndSendAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        switch (Next(buffer.Length))
        {
            case Step.Hold:
                Hold(buffer);
                break;
            case Step.EncodeWhole:
                Hold(buffer);
                Outer.Stream.Write(EncodeHeld().Span);
                Release();
                break;
            case Step.Encode:
                for (var at = 0; at < buffer.Length; at += PieceBytes)
                {
                    Encode(buffer.Slice(at, Math.Min(PieceBytes, buffer.Length - at)));
                    SendOutput();
                }

                break;
            case Step.Pass:
                SendHeld();
                Outer.Stream.Write(buffer);
                break;
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        DecideAtFlush();
        await SendHeldAsync(cancellationToken);
        if (mode == Mode.Encoding)
        {
            encoding.Flush();
            await SendOutputAsync(cancellationToken);
        }

        await Outer.Stream.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        DecideAtFlush();
        SendHeld();
        if (mode == Mode.Encoding)
        {
            encoding.Flush();
            SendOutput();
        }

        Outer.Stream.Flush();
    }

    // JSON starts every response before its first byte; where the length decides, the start waits for it.
    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Judge();
        if (mode == Mode.Holding && context.Response.ContentLength is { } known && (known < encoding.MinimumBytes || isHead))
            Decide(known);
        if (mode != Mode.Holding)
            await Outer.StartAsync(cancellationToken);
    }

    public override void DisableBuffering()
    {
        mustNotWait = true;
        Outer.DisableBuffering();
    }

    public override async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await FlushWriterAsync();
        Judge();
        if (mode == Mode.Holding && length == 0)
            Decide(context.Response.ContentLength ?? count ?? new FileInfo(path).Length - offset);
        if (mode == Mode.Plain)
            await Outer.SendFileAsync(path, offset, count, cancellationToken);
        else
            await base.SendFileAsync(path, offset, count, cancellationToken);
    }

    public override async Task FinishAsync()
    {
        await FlushWriterAsync();
        if (finished)
            return;
        finished = true;

        Judge();
        if (mode == Mode.Holding)
        {
            await Outer.Stream.WriteAsync(EndHeld(), context.RequestAborted);
            Release();
        }
        else if (mode == Mode.Encoding)
        {
            encoding.End();
            await SendOutputAsync(context.RequestAborted);
            encoding.Sent();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        encoding.Dispose();
        Release();
    }

    async ValueTask WriteAndSendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        switch (Next(buffer.Length))
        {
            case Step.Hold:
                Hold(buffer.Span);
                break;
            case Step.EncodeWhole when length == 0:
                await Outer.Stream.WriteAsync(EncodeWhole(buffer), cancellationToken);
                break;
            case Step.EncodeWhole:
                Hold(buffer.Span);
                await Outer.Stream.WriteAsync(EncodeHeld(), cancellationToken);
                Release();
                break;
            case Step.Encode:
                for (var at = 0; at < buffer.Length; at += PieceBytes)
                {
                    Encode(buffer.Span.Slice(at, Math.Min(PieceBytes, buffer.Length - at)));
                    await SendOutputAsync(cancellationToken);
                }

                break;
            case Step.Pass:
                await SendHeldAsync(cancellationToken);
                await Outer.Stream.WriteAsync(buffer, cancellationToken);
                break;
        }
    }

    // ---- What to do ----

    /// <summary>At the first sign of content: what the header fields say.</summary>
    void Judge()
    {
        if (mode == Mode.Unjudged)
            mode = encoding.IsPossible() ? Mode.Holding : Mode.Plain;
    }

    Step Next(int bytes)
    {
        Judge();
        if (mode == Mode.Holding)
        {
            if (context.Response.ContentLength is not { } known)
            {
                if (length + bytes < encoding.MinimumBytes && !mustNotWait)
                    return Step.Hold;
                Begin();
            }
            else if (known < encoding.MinimumBytes || known > PieceBytes || mustNotWait || isHead || length + bytes > known)
                Decide(known);
            else
                return length + bytes == known ? Step.EncodeWhole : Step.Hold;
        }

        return mode switch
        {
            Mode.Plain => Step.Pass,
            Mode.Encoding => Step.Encode,
            _ => Step.Drop,
        };
    }

    void Decide(long knownLength)
    {
        if (knownLength == 0 || knownLength < encoding.MinimumBytes)
            mode = Mode.Plain;
        else
            Begin();
    }

    void Begin()
    {
        if (isHead)
        {
            encoding.SetHeaders();
            mode = Mode.Dropping;
            return;
        }

        encoding.Begin(context.Response.ContentLength);
        mode = Mode.Encoding;
        encoding.Encode(held.AsSpan(0, length));
        Release();
    }

    /// <summary>Long enough, or a stream that goes on: encoded. The end of something short comes with a flush just as well, so that stays as it is.</summary>
    void DecideAtFlush()
    {
        Judge();
        if (mode != Mode.Holding)
            return;
        if (context.Response.ContentLength is { } known)
            Decide(known);
        else if (length == 0 || length >= encoding.MinimumBytes || FlushedContent.GoesOn(context.Response.ContentType, held.AsSpan(0, length)))
            Begin();
        else
            mode = Mode.Plain;
    }

    void Encode(ReadOnlySpan<byte> content)
    {
        encoding.Encode(content);
        if (mustNotWait)
            encoding.Flush();
    }

    // ---- All of it at once ----

    /// <summary>What to send for content that is complete.</summary>
    ReadOnlyMemory<byte> EncodeWhole(ReadOnlyMemory<byte> content)
    {
        var whole = encoding.EncodeWhole(content);
        mode = whole is null ? Mode.Plain : Mode.Dropping;
        return whole ?? content;
    }

    ReadOnlyMemory<byte> EncodeHeld() => EncodeWhole(held.AsMemory(0, length));

    /// <summary>
    /// What to send at the end of content that was too short so far: it stays as it is, unless that is what the client refuses. The answer to a HEAD may have no content,
    /// but a length. A length that is not that of the content is left for the server to object to.
    /// </summary>
    ReadOnlyMemory<byte> EndHeld()
    {
        var promised = context.Response.ContentLength;
        if (isHead)
        {
            Decide(length > 0 ? length : promised ?? 0);
            if (mode == Mode.Dropping)
                return default;
        }
        else if (length > 0 && length >= encoding.MinimumBytes && (promised ?? length) == length)
            return EncodeHeld();

        mode = Mode.Plain;
        if (length > 0)
            context.Response.ContentLength ??= length;
        return held.AsMemory(0, length);
    }

    // ---- What is held and what was encoded ----

    void Hold(ReadOnlySpan<byte> content)
    {
        if (held.Length == 0)
            held = ArrayPool<byte>.Shared.Rent((int)Math.Max(context.Response.ContentLength ?? encoding.MinimumBytes, 1));
        content.CopyTo(held.AsSpan(length));
        length += content.Length;
    }

    // What was held and turned out to go out as it is.
    void SendHeld()
    {
        if (mode != Mode.Plain || length == 0)
            return;
        Outer.Stream.Write(held.AsSpan(0, length));
        Release();
    }

    async ValueTask SendHeldAsync(CancellationToken cancellationToken)
    {
        if (mode != Mode.Plain || length == 0)
            return;
        await Outer.Stream.WriteAsync(held.AsMemory(0, length), cancellationToken);
        Release();
    }

    async ValueTask SendOutputAsync(CancellationToken cancellationToken)
    {
        if (encoding.Output.IsEmpty)
            return;
        await Outer.Stream.WriteAsync(encoding.Output, cancellationToken);
        encoding.Taken();
    }

    void SendOutput()
    {
        if (encoding.Output.IsEmpty)
            return;
        Outer.Stream.Write(encoding.Output.Span);
        encoding.Taken();
    }

    void Release()
    {
        if (held.Length > 0)
            ArrayPool<byte>.Shared.Return(held);
        held = [];
        length = 0;
    }
}
