using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;

namespace Headroom.Http.ResponseCache.Exchanges;

/// <summary>What those who waited for another request's exchange with the origin learn.</summary>
internal enum ExchangeOutcome : byte
{
    /// <summary>Nothing that they could share: each goes on its own, all at once.</summary>
    NotShared,

    /// <summary>Look again: there is something stored now.</summary>
    LookAgain,

    /// <summary>The complete response, or a stale one that stands in for an error.</summary>
    Complete,

    /// <summary>A response of known length whose body is on its way.</summary>
    Streaming,
}

/// <summary>The outcome and what belongs to it.</summary>
internal sealed record ExchangeResult(ExchangeOutcome Outcome)
{
    public static readonly ExchangeResult NotShared = new(ExchangeOutcome.NotShared);
    public static readonly ExchangeResult LookAgain = new(ExchangeOutcome.LookAgain);

    public StoredResponse? Response { get; init; }

    public StoredHead? Head { get; init; }

    public BodyBuffer? Body { get; init; }

    public long Length { get; init; }

    /// <summary>How the origin answered, where that is not what is sent.</summary>
    public int? ForwardStatus { get; init; }

    public Forwarded Forward { get; init; }
}

/// <summary>
/// One run of the origin for a key, and those who wait for it.
/// <list type="number">
/// <item>The first request for a key that is not stored leads: it runs the rest of the pipeline. Those that come meanwhile follow.</item>
/// <item>When the leader's headers are there it is known whether the response will be stored. If not, the followers go on their own at once.</item>
/// <item>If so, and its length is known and more than is held back, they get the body as it comes; otherwise all get it when it is complete.</item>
/// <item>The run is cancelled when neither leader nor follower is interested any more.</item>
/// </list>
/// </summary>
#pragma warning disable CA1001 // The token source has no timer and nothing is linked to it.
internal sealed class Exchange(string key, string primaryKey)
#pragma warning restore CA1001
{
    readonly TaskCompletionSource<ExchangeResult> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource abandoned = new();
    int interested = 1;

    public string Key => key;

    /// <summary>Without the variant's part: what is purged.</summary>
    public string PrimaryKey => primaryKey;

    public Task<ExchangeResult> Result => result.Task;

    /// <summary>Cancelled when nobody is interested.</summary>
    public CancellationToken Abandoned => abandoned.Token;

    public bool IsAbandoned => abandoned.IsCancellationRequested;

    public bool TryJoin()
    {
        var seen = Volatile.Read(ref interested);
        while (seen > 0)
        {
            var before = Interlocked.CompareExchange(ref interested, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref interested) == 0)
            abandoned.Cancel();
    }

    public void Tell(ExchangeResult told) => result.TrySetResult(told);
}
