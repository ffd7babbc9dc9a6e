using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Threading.Tasks.Sources;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>
/// A command on its way, from being encoded to its caller having the result. Two hold it: the caller, until it fetched the result, and the connection, until the reply
/// arrived or cannot arrive any more. Whoever lets go last gives it back to the pool, so a command that timed out or was cancelled keeps its place in the
/// queue and its late reply is thrown away instead of going to somebody else.
/// <para>1. Rented: the state gets a new number, which no observer of the former life can match. 2. Finished exactly once, by reply, failure, timeout or cancellation: one
/// compare-and-swap decides. 3. The continuation is queued to the thread pool, never run on the thread that reads replies: a caller that blocks must not hold up others.</para>
/// </summary>
internal abstract class Operation
{
    // Twice the number of the life, plus 1 once it is decided.
    long state;
    int holders;
    CancellationTokenRegistration cancellation;

    /// <summary>The timestamp at which it times out.</summary>
    public long Deadline { get; private set; }

    /// <summary>The timeout in words of the caller.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>Whether the answer comes as a push, as with SUBSCRIBE in RESP3.</summary>
    public bool AnsweredByPush { get; set; }

    /// <summary>Takes errors that are no result but tell to ask elsewhere (MOVED, ASK); null outside a cluster.</summary>
    public IRedirection? Redirection { get; set; }

    /// <summary>How often a cluster sent it on.</summary>
    public int Redirects { get; set; }

    /// <summary>The encoded request, pooled, kept as long as it may have to be sent again; null outside a cluster.</summary>
    public Request Kept { get; set; }

    public bool IsDecided => (Volatile.Read(ref state) & 1) != 0;

    /// <summary>Gives the reply to the caller, unless that one is gone. Called by the connection alone, which lets go of it by that.</summary>
    public void Reply(ReadOnlySpan<byte> reply)
    {
        if (Redirection is { } redirection && reply[0] == RespType.SimpleError && !IsDecided && redirection.TryRedirect(this, reply))
            return;
        if (TryDecide())
            Accept(reply);
        LetGo();
    }

    /// <summary>Fails it, unless it is decided. Called by the connection alone, which lets go of it by that.</summary>
    public void Fail(Exception exception)
    {
        if (TryDecide())
            SetException(exception);
        LetGo();
    }

    /// <summary>Takes back what was rented and could not be sent: neither caller nor connection has it.</summary>
    public void Abandon()
    {
        TryDecide();
        EndForCaller();
        LetGo();
    }

    /// <summary>Fails it if its time is over. Safe for an operation of which one does not know whether it has begun another life meanwhile.</summary>
    public bool TimeOutAt(long now, Func<Operation, Exception> exception)
    {
        var seen = Volatile.Read(ref state);
        if ((seen & 1) != 0 || now < Deadline || Interlocked.CompareExchange(ref state, seen | 1, seen) != seen)
            return false;
        SetException(exception(this));
        return true;
    }

    /// <summary>A large string can be received straight into the caller's buffer.</summary>
    public virtual bool TakesBuffer => false;

    /// <summary>Gives a string that was received into a pooled array of its own, which is the operation's from then on.</summary>
    public virtual void ReplyBuffer(byte[] array, int length) => throw new NotSupportedException();

    protected void Begin(long deadline, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Deadline = deadline;
        Timeout = timeout;
        AnsweredByPush = false;
        Redirection = null;
        Redirects = 0;
        holders = 2;
        Volatile.Write(ref state, (state | 1) + 1);
        if (cancellationToken.CanBeCanceled)
            cancellation = cancellationToken.UnsafeRegister(static (operation, token) => ((Operation)operation!).Cancel(token), this);
    }

    protected bool TryDecide()
    {
        var seen = Volatile.Read(ref state);
        return (seen & 1) == 0 && Interlocked.CompareExchange(ref state, seen | 1, seen) == seen;
    }

    protected void EndForCaller()
    {
        // Waits for a callback that runs at this moment: afterwards no token knows this object.
        cancellation.Dispose();
        cancellation = default;
        LetGo();
    }

    protected void LetGo()
    {
        if (Interlocked.Decrement(ref holders) > 0)
            return;
        Kept.Return();
        Kept = default;
        Redirection = null;
        GiveBack();
    }

    protected abstract void Accept(ReadOnlySpan<byte> reply);

    protected abstract void SetException(Exception exception);

    protected abstract void GiveBack();

    void Cancel(CancellationToken token)
    {
        if (TryDecide())
            SetException(new OperationCanceledException(token));
    }
}

/// <summary>Where a cluster's commands go when the node they were sent to is not the one.</summary>
internal interface IRedirection
{
    /// <summary>Whether the error says to ask again; then the operation is this one's to send or to fail.</summary>
    bool TryRedirect(Operation operation, ReadOnlySpan<byte> error);
}

/// <summary>How a reply becomes a result. Implemented by empty structs, so that each command gets code of its own without a delegate.</summary>
internal interface IReplyShape<out T>
{
    /// <summary>Reads the value that the reader stands on; it is no error.</summary>
    static abstract T Read(ref RespReader reader);
}

/// <inheritdoc cref="Operation"/>
internal sealed class Operation<T, TShape> : Operation, IValueTaskSource<T>, IValueTaskSource
    where TShape : struct, IReplyShape<T>
{
    const int PooledPerThread = 64;
    const int PooledMost = 16 * 1024;

    static readonly ConcurrentQueue<Operation<T, TShape>> Pool = new();
    static int pooled;

    [ThreadStatic]
    static Stack<Operation<T, TShape>>? threadPool;

    ManualResetValueTaskSourceCore<T> result = new() { RunContinuationsAsynchronously = true };

    Operation()
    {
    }

    public override bool TakesBuffer => typeof(T) == typeof(RedisBuffer);

    public ValueTask<T> Task => new(this, result.Version);

    public ValueTask TaskWithoutResult => new(this, result.Version);

    public static Operation<T, TShape> Rent(long deadline, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (threadPool is null || !threadPool.TryPop(out var operation))
        {
            if (Pool.TryDequeue(out operation))
                Interlocked.Decrement(ref pooled);
            else
                operation = new Operation<T, TShape>();
        }

        operation.Begin(deadline, timeout, cancellationToken);
        return operation;
    }

    public override void ReplyBuffer(byte[] array, int length)
    {
        if (TryDecide())
            result.SetResult((T)(object)new RedisBuffer(array, length));
        else
            ArrayPool<byte>.Shared.Return(array);
        LetGo();
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        try
        {
            return result.GetResult(token);
        }
        finally
        {
            EndForCaller();
        }
    }

    void IValueTaskSource.GetResult(short token) => ((IValueTaskSource<T>)this).GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => result.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => result.OnCompleted(continuation, state, token, flags);

    protected override void Accept(ReadOnlySpan<byte> reply)
    {
        T value;
        try
        {
            var reader = new RespReader(reply);
            reader.Read();
            if (reader.IsError)
            {
                result.SetException(new RedisServerException(Encoding.UTF8.GetString(reader.Value)));
                return;
            }

            value = TShape.Read(ref reader);
        }
#pragma warning disable CA1031 // Whatever a shape throws is this caller's; the reader goes on.
        catch (Exception e)
        {
            result.SetException(e);
            return;
        }
#pragma warning restore CA1031

        result.SetResult(value);
    }

    protected override void SetException(Exception exception) => result.SetException(exception);

    protected override void GiveBack()
    {
        result.Reset();
        threadPool ??= new Stack<Operation<T, TShape>>(PooledPerThread);
        if (threadPool.Count < PooledPerThread)
        {
            threadPool.Push(this);
        }
        else if (Volatile.Read(ref pooled) < PooledMost)
        {
            Interlocked.Increment(ref pooled);
            Pool.Enqueue(this);
        }
    }
}
