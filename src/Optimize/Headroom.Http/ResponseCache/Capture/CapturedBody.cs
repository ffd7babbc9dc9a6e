using Headroom.Http.ConditionalRequests;
using Headroom.Http.ResponseCache.Exchanges;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ResponseCache.Capture;

/// <summary>What becomes of a response's bytes.</summary>
internal enum BodyRoute : byte
{
    /// <summary>The headers are not final yet.</summary>
    Undecided,

    /// <summary>On to the client as they come: the response is not stored.</summary>
    Pass,

    /// <summary>Nowhere: another response is sent in its place.</summary>
    Drop,

    /// <summary>Held back until there is all of it, or too much to hold.</summary>
    Hold,

    /// <summary>Into a buffer from which all who wait are sent it, the first client too.</summary>
    Stream,

    /// <summary>On to the client as they come, and a copy for the cache.</summary>
    Copy,
}

/// <summary>Who decides about a response's body.</summary>
internal interface IBodyDirector
{
    /// <summary>The headers are final: says where the body goes. Called once, before the first byte or at the end.</summary>
    ValueTask<BodyRoute> BeginAsync();

    /// <summary>More came than is held back, or it must not wait: says how the body goes on, and starts the response.</summary>
    ValueTask<BodyRoute> GoOnAsync(bool mustNotWait);

    /// <summary>More bytes than may be stored.</summary>
    void TooLong();
}

/// <summary>A response body whose bytes go where the cache says.</summary>
internal sealed class CapturedBody(IHttpResponseBodyFeature outer, IBodyDirector director, int holdBackBytes, long storedBytesMost) : ResponseBodyFilter(outer)
{
    bool mustNotWait;

    /// <summary>What came so far, unless it passed by.</summary>
    public BodyBuffer Buffer { get; private set; } = new();

    public BodyRoute Route { get; private set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Route == BodyRoute.Undecided)
            await BeginAsync();
        if (Route == BodyRoute.Hold && (mustNotWait || Buffer.Length + (long)buffer.Length > holdBackBytes))
            await GoOnAsync(cancellationToken);
        if (Route is BodyRoute.Hold or BodyRoute.Stream or BodyRoute.Copy)
            Keep(buffer.Span);
        if (Route is BodyRoute.Pass or BodyRoute.Copy)
            await Outer.Stream.WriteAsync(buffer, cancellationToken);
    }

    // Synchronous writes are off in ASP.NET Core unless somebody insists; who does, waits here.
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Route == BodyRoute.Undecided)
            BeginAsync().AsTask().GetAwaiter().GetResult();
        if (Route == BodyRoute.Hold && (mustNotWait || Buffer.Length + (long)buffer.Length > holdBackBytes))
            GoOnAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (Route is BodyRoute.Hold or BodyRoute.Stream or BodyRoute.Copy)
            Keep(buffer);
        if (Route is BodyRoute.Pass or BodyRoute.Copy)
            Outer.Stream.Write(buffer);
    }

    // Serializers flush now and then only to limit their own memory; a response that must not wait says so by DisableBuffering.
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (Route == BodyRoute.Undecided)
            await BeginAsync();
        if (Route == BodyRoute.Hold && mustNotWait)
            await GoOnAsync(cancellationToken);
        if (Route is BodyRoute.Pass or BodyRoute.Copy)
            await Outer.Stream.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        if (Route is BodyRoute.Pass or BodyRoute.Copy)
            Outer.Stream.Flush();
    }

    public override void DisableBuffering()
    {
        mustNotWait = true;
        Outer.DisableBuffering();
    }

    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Route == BodyRoute.Undecided)
            await BeginAsync();
        if (Route == BodyRoute.Hold && mustNotWait)
            await GoOnAsync(cancellationToken);
        if (Route is BodyRoute.Pass or BodyRoute.Copy)
            await Outer.StartAsync(cancellationToken);
    }

    public override async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await FlushWriterAsync();
        if (Route == BodyRoute.Undecided)
            await BeginAsync();
        if (Route == BodyRoute.Pass)
            await Outer.SendFileAsync(path, offset, count, cancellationToken);
        else
            await base.SendFileAsync(path, offset, count, cancellationToken);
    }

    public override async Task CompleteAsync()
    {
        await FinishAsync();
        if (Route is BodyRoute.Pass or BodyRoute.Copy)
            await Outer.CompleteAsync();
    }

    public override async Task FinishAsync()
    {
        await FlushWriterAsync();
        if (Route == BodyRoute.Undecided)
            await BeginAsync();
    }

    async ValueTask BeginAsync()
    {
        // Drop meanwhile: what is written while the callbacks of others run is of no response.
        Route = BodyRoute.Drop;
        Route = await director.BeginAsync();
    }

    async ValueTask GoOnAsync(CancellationToken cancellation)
    {
        Route = await director.GoOnAsync(mustNotWait);
        if (Route is BodyRoute.Pass or BodyRoute.Copy && Buffer.Length > 0)
            await Outer.Stream.WriteAsync(Buffer.Content, cancellation);
    }

    void Keep(ReadOnlySpan<byte> bytes)
    {
        if (Buffer.Length + (long)bytes.Length <= storedBytesMost)
        {
            Buffer.Append(bytes);
            return;
        }

        // A body of known length was refused before; this one only turned out to be too long, or longer than it said.
        director.TooLong();
        if (Route != BodyRoute.Copy)
            return;
        Route = BodyRoute.Pass;
        Buffer = new BodyBuffer();
    }
}
