using System.Runtime.InteropServices;

namespace Headroom.Http.ResponseCache.Exchanges;

/// <summary>A body that grows while several read it, each at its own pace. What was written never changes, so readers get it without a copy.</summary>
internal sealed class BodyBuffer
{
    const int FirstBytes = 4096;

    readonly Lock gate = new();
    byte[] bytes = [];
    int length;
    bool ended;
    bool isWhole;
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
                Array.Resize(ref bytes, (int)Math.Min(Array.MaxLength, Math.Max((long)length + written.Length, Math.Max(FirstBytes, bytes.Length * 2L))));
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
                if (offset < length || ended)
                    return new BodyPart(bytes.AsMemory(offset, length - offset), ended, isWhole);
                wait = (changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await wait.WaitAsync(cancellation);
        }
    }

    public ReadOnlyMemory<byte> Content
    {
        get
        {
            lock (gate)
                return bytes.AsMemory(0, length);
        }
    }

    /// <summary>All of it in an array of its length.</summary>
    public byte[] ToArray()
    {
        lock (gate)
            return bytes.Length == length ? bytes : bytes.AsSpan(0, length).ToArray();
    }
}

/// <summary>What a reader gets of a body.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BodyPart(ReadOnlyMemory<byte> Bytes, bool IsEnd, bool IsWhole);
