using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ConditionalRequests;

/// <summary>
/// Holds a response's content back until it is complete, then sets the tag and passes it on at once. Content that cannot or should not wait is passed on as it
/// comes, from the moment when that is known, and gets no tag.
/// </summary>
internal sealed class HeldBackBody(HttpContext context, IHttpResponseBodyFeature outer, int maxContentBytes) : ResponseBodyFilter(outer)
{
    const int FirstBytes = 4096;

    byte[] held = [];
    int length;
    bool begun;
    bool passing;
    bool mustNotWait;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Begin();
        if (!passing)
        {
            if (CanHold(buffer.Length))
            {
                Hold(buffer.Span);
                return;
            }

            await PassOnAsync(cancellationToken);
        }

        await Outer.Stream.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Begin();
        if (!passing)
        {
            if (CanHold(buffer.Length))
            {
                Hold(buffer);
                return;
            }

            passing = true;
            Outer.Stream.Write(held.AsSpan(0, length));
        }

        Outer.Stream.Write(buffer);
    }

    // Serializers flush and start now and then only to limit their own memory; a stream that must not wait says so by its type or by DisableBuffering.
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        Begin();
        if (mustNotWait && !passing)
            await PassOnAsync(cancellationToken);
        if (passing)
            await Outer.Stream.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        Begin();
        if (passing)
            Outer.Stream.Flush();
    }

    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Begin();
        if (mustNotWait && !passing)
            await PassOnAsync(cancellationToken);
        if (passing)
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
        Begin();
        if (!passing && !CanHold(count ?? new FileInfo(path).Length - offset))
            await PassOnAsync(cancellationToken);
        if (passing)
            await Outer.SendFileAsync(path, offset, count, cancellationToken);
        else
            await base.SendFileAsync(path, offset, count, cancellationToken);
    }

    public override async Task FinishAsync()
    {
        await FlushWriterAsync();
        Begin();
        if (passing)
            return;

        var response = context.Response;
        // A handler may leave out the content for HEAD; a tag of nothing would be wrong then.
        if (!mustNotWait && CanHaveTag() && (length > 0 || !HttpMethods.IsHead(context.Request.Method)))
        {
            response.Headers.ETag = ETagGenerator.TagOf(held.AsSpan(0, length), response.ContentType);
            response.ContentLength ??= length;
        }

        await PassOnAsync(context.RequestAborted);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Release();
    }

    void Begin()
    {
        if (begun)
            return;
        begun = true;
        passing = !CanHaveTag();
    }

    bool CanHold(long bytes) => !mustNotWait && bytes <= maxContentBytes - length;

    bool CanHaveTag()
    {
        var response = context.Response;
        return response.StatusCode == StatusCodes.Status200OK
            && !response.HasStarted
            && response.Headers.ETag.Count == 0
            && response.ContentLength.GetValueOrDefault() <= maxContentBytes
            && !IsEventStream(response.ContentType)
            && !response.Headers.CacheControl.ToString().Contains("no-store", StringComparison.OrdinalIgnoreCase);
    }

    static bool IsEventStream(string? contentType) =>
        contentType is not null && contentType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    void Hold(ReadOnlySpan<byte> content)
    {
        if (length + content.Length > held.Length)
        {
            var wanted = Math.Max(FirstBytes, (int)Math.Min((long)held.Length * 2, maxContentBytes));
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, length + content.Length));
            held.AsSpan(0, length).CopyTo(larger);
            Release();
            held = larger;
        }

        content.CopyTo(held.AsSpan(length));
        length += content.Length;
    }

    async Task PassOnAsync(CancellationToken cancellationToken)
    {
        passing = true;
        if (length > 0)
            await Outer.Stream.WriteAsync(held.AsMemory(0, length), cancellationToken);
        Release();
    }

    void Release()
    {
        if (held.Length > 0)
            ArrayPool<byte>.Shared.Return(held);
        held = [];
    }
}
