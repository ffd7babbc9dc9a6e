using System.Globalization;
using Headroom.Caching.Local;

namespace Headroom.Caching.Benchmarks.HitRatios;

/// <summary>
/// The product's own store, as it is shipped. Its hash has a secret that is drawn once a process; with other names for the keys their hashes are as different
/// from each other as with another secret.
/// </summary>
internal sealed class HeadroomL1(int capacity, string prefix) : IPolicy, IDisposable
{
    readonly LocalStore store = new(capacity, TimeProvider.System);
    readonly Dictionary<int, string> names = [];

    public void Dispose() => store.Dispose();

    public bool Access(int key)
    {
        if (!names.TryGetValue(key, out var name))
            names[key] = name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{key}");
        if (store.Find(name) is not null)
            return true;
        store.Set(new NewEntry(name, name, store.Invalidations));
        return false;
    }
}
