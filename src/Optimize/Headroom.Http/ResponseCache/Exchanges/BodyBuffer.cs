using System.Buffers;
using System.Runtime.InteropServices;

namespace Headroom.Http.ResponseCache.Exchanges;

/// <summary>
/// A body that grows while several read it, each at its own pace. What was written never changes, so readers get it without a copy. It grows in pooled arrays: those of long bodies would be garbage that only a
/// collection of the oldest generation takes away. One that a reader may still have is left to the collector.
/// </summary>
internal sealed class BodyBuffer
{
    const int FirstBytes = 4096;

    readonly Lock gate = new();
    byte[] bytes = [];
    int length;
    bool ended;
    bool isWhole;
    bool isPooled;
    bool wasRead;
    TaskCompletionSource? changed;

    public int Length
    {
        get
        {
            lock (gate)
                return length;
        }
    }

    public void Append(ReadOnlySpan<byte> written)
    {
        TaskCompletionSource? waiting;
        lock (gate)
        {
            if (bytes.Length - length < written.Length)
                Grow((int)Math.Min(Array.MaxLength, Math.Max((long)length + written.Length, Math.Max(FirstBytes, bytes.Length * 2L))));
            written.CopyTo(bytes.AsSpan(length));
            length += written.Length;
            (waiting, changed) = (changed, null);
        }

        waiting?.TrySetResult();
    }

    /// <summary>No more comes.</summary>
    /// <param name="whole">All of the body is there; false: it broke off.</param>
    public void End(bool whole)
    {
        TaskCompletionSource? waiting;
        lock (gate)
        {
            if (ended)
                return;
            ended = true;
            isWhole = whole;
            (waiting, changed) = (changed, null);
        }

        waiting?.TrySetResult();
    }

    /// <summary>What there is from an offset on; waits until there is something, or the end.</summary>
    public async ValueTask<BodyPart> ReadAsync(int offset, CancellationToken cancellation)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                wasRead = true;
                if (offset < length || ended)
                    return new BodyPart(bytes.AsMemory(offset, length - offset), ended, isWhole);
                wait = (changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await wait.WaitAsync(cancellation);
        }
    }

    /// <summary>What there is. Not to be used after <see cref="ToArray"/>.</summary>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            lock (gate)
                return bytes.AsMemory(0, length);
        }
    }

    /// <summary>All of it in an array of its length, which from here on is what readers get.</summary>
    public byte[] ToArray()
    {
        lock (gate)
        {
            if (bytes.Length != length)
                Replace(bytes.AsSpan(0, length).ToArray(), pooled: false);

            // It is the caller's from here on, whosever it was.
            isPooled = false;
            return bytes;
        }
    }

    void Grow(int capacity)
    {
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        bytes.AsSpan(0, length).CopyTo(larger);
        Replace(larger, pooled: true);
    }

    void Replace(byte[] with, bool pooled)
    {
        if (isPooled && !wasRead)
            ArrayPool<byte>.Shared.Return(bytes);
        (bytes, isPooled) = (with, pooled);
    }
}

/// <summary>What a reader gets of a body.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BodyPart(ReadOnlyMemory<byte> Bytes, bool IsEnd, bool IsWhole);
