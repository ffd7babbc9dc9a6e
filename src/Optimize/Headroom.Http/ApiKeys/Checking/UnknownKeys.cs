using System.Net;
using Headroom.Caching;
using Headroom.Http.RateLimits;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>
/// Keeps ids that are made up from the store and from the cache of real keys. Whoever knows the checksum can make up as many as the network carries.
/// <list type="number">
/// <item>An id that was found to be nobody's is remembered for seconds, in a cache of its own and of bounded size: the real keys are in another, where these never come.</item>
/// <item>An id that this node has seen to be somebody's is always looked up: who tries others cannot shut out a client that was here before.</item>
/// <item>Any other is looked up while the address, and all addresses together, have not tried too many vain ones; a few at a time, in turn.</item>
/// </list>
/// </summary>
internal sealed class UnknownKeys : IDisposable
{
    const int LookupsAtOnce = 32;
    const int AddressesMost = 10_000;
    const int SeenMost = 100_000;
    static readonly TimeSpan SeenFor = TimeSpan.FromDays(7);

    readonly LocalCache unknown;
    readonly LocalCache seen;
    readonly LookupBudget all;
    readonly RateLimitPartitions addresses;
    readonly SemaphoreSlim places = new(LookupsAtOnce);

    public UnknownKeys(ApiKeyOptions options, TimeProvider time)
    {
        unknown = new LocalCache(new LocalCacheOptions { MaxEntries = options.MaxUnknownKeys, DefaultExpiration = options.UnknownKeyLifetime }, time);
        seen = new LocalCache(new LocalCacheOptions { MaxEntries = SeenMost, DefaultExpiration = SeenFor }, time);
        all = new LookupBudget(options.UnknownLookupsPerSecond, time);
        var perAddress = options.UnknownLookupsPerSecondPerAddress;
        addresses = new RateLimitPartitions(_ => new GcraRateLimiter(perAddress, TimeSpan.FromSeconds(1), perAddress, time), AddressesMost, disposeForgotten: false);
    }

    /// <summary>How many ids are remembered as nobody's.</summary>
    public long Count => unknown.Stats().Entries;

    public bool WasSeen(ReadOnlySpan<char> id) => seen.TryGet<bool>(id, out _);

    public bool IsUnknown(ReadOnlySpan<char> id) => unknown.TryGet<bool>(id, out _);

    /// <summary>Whether a look-up of an id that was not seen would be let in now; no verdict: it would.</summary>
    public ApiKeyVerdict Refusal(IPAddress? address) =>
        HasNone(address) ? ApiKeyVerdict.TooManyUnknown : all.HasAny() ? ApiKeyVerdict.None : ApiKeyVerdict.Busy;

    /// <summary>Waits for a place to look an id up; <see cref="Leave"/> ends it.</summary>
    /// <exception cref="LookupRefusedException">There were too many vain look-ups meanwhile.</exception>
    public async ValueTask EnterAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        // Asked again: whoever sends many at once had them all wait before the first was found to be vain.
        var refusal = HasNone(address) ? ApiKeyVerdict.TooManyUnknown : all.TryTake() ? ApiKeyVerdict.None : ApiKeyVerdict.Busy;
        if (refusal == ApiKeyVerdict.None)
            return;
        places.Release();
        throw new LookupRefusedException(refusal);
    }

    /// <param name="id">What was looked up.</param>
    /// <param name="address">For whom.</param>
    /// <param name="found">Whether it is somebody's, false also where nobody waited to be told; null: the store failed, which is not the address's doing.</param>
    public void Leave(string id, IPAddress? address, bool? found)
    {
        if (found == true)
        {
            all.GiveBack();
            seen.Set(id, true);
        }
        else if (found == false)
            LimiterOf(address).Charge();

        // Last: the next one in asks what is left.
        places.Release();
    }

    /// <summary>Nobody has this id, or nobody any more.</summary>
    public void Add(string id)
    {
        seen.Remove(id);
        unknown.Set(id, true);
    }

    public void Dispose()
    {
        unknown.Dispose();
        seen.Dispose();
        places.Dispose();
    }

    bool HasNone(IPAddress? address) => LimiterOf(address).Decide(0).Remaining < 1;

    GcraRateLimiter LimiterOf(IPAddress? address) => (GcraRateLimiter)addresses.Get(new PartitionKey(null, null, PartitionKey.AddressOf(address), null, null)).Limiter;
}

/// <summary>A look-up was not made because there were too many vain ones.</summary>
internal sealed class LookupRefusedException(ApiKeyVerdict verdict) : Exception
{
    public ApiKeyVerdict Verdict => verdict;
}
