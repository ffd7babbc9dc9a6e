using System.Threading.Channels;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.ResponseCache.Answers;

/// <summary>Encodes again, better, what is asked for often (<see cref="EncodedForm.IsDueAfterUse"/>), one response at a time in the background. When more is due than it comes to, the rest stays as it is.</summary>
internal sealed class EncodingImprover(WholeEncoder encoder, ILogger<EncodingImprover> logger) : IDisposable
{
    const int WaitingMost = 1024;

    readonly Channel<StoredResponse> due = Channel.CreateBounded<StoredResponse>(new BoundedChannelOptions(WaitingMost) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    int started;
    volatile bool isOver;

    public void Improve(StoredResponse stored)
    {
        if (!stored.Head.IsCompressible || !due.Writer.TryWrite(stored))
            return;
        if (Interlocked.Exchange(ref started, 1) == 0)
        {
            using var flow = ExecutionContext.SuppressFlow();
            _ = Task.Run(RunAsync);
        }
    }

    public void Dispose()
    {
        isOver = true;
        due.Writer.TryComplete();
    }

    async Task RunAsync()
    {
        while (await due.Reader.WaitToReadAsync() && !isOver && due.Reader.TryRead(out var stored))
        {
            try
            {
                stored.Improve(encoder);
            }
#pragma warning disable CA1031 // Whatever it is, the response goes out as it is.
            catch (Exception thrown)
#pragma warning restore CA1031
            {
                ResponseCacheLog.ImprovingFailed(logger, thrown);
            }
        }
    }
}
