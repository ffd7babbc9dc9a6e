using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ConditionalRequests;

/// <summary>
/// Decides at the first byte (or at the end of a response without any) whether the client has the content already; then the content is dropped and the
/// response becomes a 304, otherwise everything passes on. It becomes a 304 only at the end, because an output cache inside stores what is a 200 when it
/// has all of it.
/// </summary>
internal sealed class PreconditionBody(HttpContext context, IHttpResponseBodyFeature outer, RequestConditions conditions)
    : ResponseBodyFilter(outer)
{
    bool decided;
    bool dropped;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Decide();
        return dropped ? default : Outer.Stream.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Decide();
        if (!dropped)
            Outer.Stream.Write(buffer);
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Decide();
        return dropped ? Task.CompletedTask : Outer.Stream.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        Decide();
        if (!dropped)
            Outer.Stream.Flush();
    }

    public override void DisableBuffering() => Outer.DisableBuffering();

    public override Task StartAsync(CancellationToken cancellationToken = default)
    {
        Decide();
        return dropped ? Task.CompletedTask : Outer.StartAsync(cancellationToken);
    }

    public override async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await FlushWriterAsync();
        Decide();
        if (!dropped)
            await Outer.SendFileAsync(path, offset, count, cancellationToken);
    }

    public override async Task FinishAsync()
    {
        await FlushWriterAsync();
        Decide();
        if (!dropped || context.Response.HasStarted || context.Response.StatusCode != StatusCodes.Status200OK)
            return;

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        RemoveContentHeaders(context.Response.Headers);
    }

    void Decide()
    {
        if (decided)
            return;

        decided = true;
        var response = context.Response;
        dropped = !response.HasStarted && response.StatusCode == StatusCodes.Status200OK && conditions.AreMetBy(response.Headers);
    }

    /// <summary>
    /// RFC 9110 §15.4.5: what describes the absent content goes; Cache-Control, Content-Location, Date, ETag, Expires and Vary stay, and so does
    /// everything that is not about the content. Last-Modified stays only where there is no tag.
    /// </summary>
    static void RemoveContentHeaders(IHeaderDictionary headers)
    {
        headers.ContentLength = null;
        headers.Remove("Content-Type");
        headers.Remove("Content-Encoding");
        headers.Remove("Content-Language");
        headers.Remove("Content-Disposition");
        headers.Remove("Content-Range");
        headers.Remove("Content-MD5");
        headers.Remove("Content-Digest");
        headers.Remove("Repr-Digest");
        if (headers.ETag.Count > 0)
            headers.Remove("Last-Modified");
    }
}
