using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Telemetry.LivePage;

/// <summary>
/// Samples as server-sent events (WHATWG HTML, section 9.2): one message each, a JSON object on one line. What was sampled before comes first. A sample a second is heart-beat enough.
/// </summary>
internal sealed class LiveStream(LiveSampler sampler, TimeProvider time, CancellationToken stopping)
{
    /// <summary>Who takes longer for a second's sample is gone, or as good as.</summary>
    static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(15);

    static ReadOnlySpan<byte> Begin => "retry: 2000\n\n"u8;

    static ReadOnlySpan<byte> Data => "data: "u8;

    static ReadOnlySpan<byte> End => "\n\n"u8;

    public async Task WriteAsync(HttpContext context)
    {
        using var viewer = sampler.Join();
        var response = context.Response;
        if (viewer is null)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.Headers.RetryAfter = "60";
            return;
        }

        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";

        // nginx and others would collect what is meant to arrive at once.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            response.BodyWriter.Write(Begin);
            foreach (var sample in viewer.History)
                Write(response, sample);
            await FlushAsync(context, ends.Token);
            await foreach (var sample in viewer.Samples.ReadAllAsync(ends.Token))
            {
                Write(response, sample);
                await FlushAsync(context, ends.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The viewer has gone, reads no more, or the application ends.
        }
    }

    static void Write(HttpResponse response, byte[] sample)
    {
        response.BodyWriter.Write(Data);
        response.BodyWriter.Write(sample);
        response.BodyWriter.Write(End);
    }

    async Task FlushAsync(HttpContext context, CancellationToken ends)
    {
        using var patience = new CancellationTokenSource(WriteTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ends, patience.Token);
        try
        {
            await context.Response.BodyWriter.FlushAsync(both.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            context.Abort();
            throw;
        }
    }
}
