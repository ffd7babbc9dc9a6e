using System.Threading.RateLimiting;

namespace Headroom.Http.Concurrency;

/// <summary>
/// So many requests at once, and a bounded queue for more, which the framework's <see cref="ConcurrencyLimiter"/> has too; here the limit can change while it is used, who waits is served by importance, and
/// waiting ends. A permit's life:
/// <list type="number">
/// <item>There is room and nobody as important waits: it is taken at once.</item>
/// <item>Otherwise a waiter queues; in a full queue it takes the place of a less important one, or is refused.</item>
/// <item>A permit that is given back, or a limit that rises, goes to the most important waiter.</item>
/// <item>A waiter is taken out of the queue exactly once, under the lock: by a grant, its timeout, its client, or displacement. So a permit is granted or it is not, whatever else happens at that moment.</item>
/// <item>Whoever has a permit gives it back once.</item>
/// </list>
/// </summary>
internal sealed class ConcurrencyGate(ConcurrencyPolicy policy, TimeProvider time, AdaptiveLimit? adaptive = null)
{
    const int Levels = (int)ShedLevel.Last + 1;

    readonly Lock sync = new();
    readonly LinkedList<Waiter>[] waiting = [.. Enumerable.Range(0, Levels).Select(_ => new LinkedList<Waiter>())];
    readonly int queueMost = policy.Queue;
    readonly TimeSpan timeout = policy.QueueTimeout;
    readonly bool newestFirst = policy.Order == QueueProcessingOrder.NewestFirst;
    readonly double firstShare = policy.ShedFirstShare;
    int limit = adaptive?.Limit ?? policy.Limit;
    int inFlight;
    int queued;

    /// <summary>Requests that use a gate of a caller; counted by whoever keeps those gates.</summary>
    public int Users { get; set; }

    public int Limit => Volatile.Read(ref limit);

    public int InFlight => Volatile.Read(ref inFlight);

    public int Queued => Volatile.Read(ref queued);

    /// <summary>Takes a permit if there is one for a request this important.</summary>
    public bool TryEnter(ShedLevel level)
    {
        lock (sync)
        {
            if (inFlight >= RoomFor(level) || IsWaitedFor(level))
                return false;
            inFlight++;
            return true;
        }
    }

    /// <summary>Takes a permit, or waits for one.</summary>
    /// <returns>With <see cref="Admission.Granted"/> the caller has a permit, with all others it has none.</returns>
    public async ValueTask<Admission> EnterAsync(ShedLevel level, CancellationToken left)
    {
        Waiter waiter;
        lock (sync)
        {
            if (inFlight < RoomFor(level) && !IsWaitedFor(level))
            {
                inFlight++;
                return Admission.Granted;
            }

            if (left.IsCancellationRequested)
                return Admission.Left;
            if (queued >= queueMost && !TryDisplace(level))
                return Admission.QueueFull;
            waiter = new Waiter(this, level);
            waiting[(int)level].AddLast(waiter.Place);
            queued++;
        }

        await using var registration = left.UnsafeRegister(static state => ((Waiter)state!).Leave(Admission.Left), waiter);
        await using var timer = time.CreateTimer(static state => ((Waiter)state!).Leave(Admission.TimedOut), waiter, timeout, Timeout.InfiniteTimeSpan);
        return await waiter.Task;
    }

    /// <summary>Gives a permit back.</summary>
    public void Leave()
    {
        lock (sync)
        {
            inFlight--;
            Grant();
        }
    }

    /// <summary>Gives a permit back and tells an adaptive limit how long the request took.</summary>
    /// <param name="began">Timestamps of the time provider.</param>
    /// <param name="ended">Later.</param>
    public void Leave(long began, long ended)
    {
        lock (sync)
        {
            if (adaptive?.Add(began, ended, inFlight) is { } changed)
                Volatile.Write(ref limit, changed);
            inFlight--;
            Grant();
        }
    }

    int RoomFor(ShedLevel level) => level == ShedLevel.First ? Math.Max(1, (int)(limit * firstShare)) : limit;

    bool IsWaitedFor(ShedLevel level)
    {
        if (queued == 0)
            return false;
        for (var i = (int)level; i < Levels; i++)
        {
            if (waiting[i].Count > 0)
                return true;
        }

        return false;
    }

    void Grant()
    {
        for (var i = Levels - 1; i >= 0 && queued > 0; i--)
        {
            while ((newestFirst ? waiting[i].Last : waiting[i].First) is { } next && inFlight < RoomFor((ShedLevel)i))
            {
                inFlight++;
                Remove(next.Value, Admission.Granted);
            }
        }
    }

    // Who has waited least for its turn loses least: the last to be served.
    bool TryDisplace(ShedLevel level)
    {
        for (var i = 0; i < (int)level + (newestFirst ? 1 : 0); i++)
        {
            if ((newestFirst ? waiting[i].First : waiting[i].Last) is { } victim)
            {
                Remove(victim.Value, Admission.Displaced);
                return true;
            }
        }

        return false;
    }

    void Remove(Waiter waiter, Admission outcome)
    {
        waiting[(int)waiter.Level].Remove(waiter.Place);
        queued--;
        waiter.SetResult(outcome);
    }

    /// <summary>One that waits; its continuation runs elsewhere, never under the lock.</summary>
    sealed class Waiter : TaskCompletionSource<Admission>
    {
        readonly ConcurrencyGate gate;

        public Waiter(ConcurrencyGate gate, ShedLevel level)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            this.gate = gate;
            Level = level;
            Place = new LinkedListNode<Waiter>(this);
        }

        public ShedLevel Level { get; }

        public LinkedListNode<Waiter> Place { get; }

        public void Leave(Admission outcome)
        {
            lock (gate.sync)
            {
                if (Place.List is not null)
                    gate.Remove(this, outcome);
            }
        }
    }
}
