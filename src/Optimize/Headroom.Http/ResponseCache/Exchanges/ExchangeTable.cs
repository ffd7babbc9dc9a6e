using System.Collections.Concurrent;

namespace Headroom.Http.ResponseCache.Exchanges;

/// <summary>The exchanges that are under way, by key.</summary>
internal sealed class ExchangeTable
{
    readonly ConcurrentDictionary<string, Exchange> exchanges = new(StringComparer.Ordinal);

    public int Count => exchanges.Count;

    /// <summary>The exchange of a key, to lead or to follow.</summary>
    public Exchange Join(string key, string primaryKey, out bool leads)
    {
        Exchange? made = null;
        while (true)
        {
            if (exchanges.TryGetValue(key, out var found))
            {
                if (found.TryJoin())
                {
                    leads = false;
                    return found;
                }

                exchanges.TryRemove(KeyValuePair.Create(key, found));
            }

            leads = true;
            made ??= new Exchange(key, primaryKey);
            if (exchanges.TryAdd(key, made))
                return made;
        }
    }

    /// <summary>Leads the exchange of a key unless somebody does.</summary>
    public Exchange? TryLead(string key, string primaryKey)
    {
        var made = new Exchange(key, primaryKey);
        return exchanges.TryAdd(key, made) ? made : null;
    }

    public void Remove(Exchange exchange) => exchanges.TryRemove(KeyValuePair.Create(exchange.Key, exchange));

    /// <summary>After a purge: whoever comes now does not get what was being made before. Those who wait already do.</summary>
    /// <param name="primaryKey">Of this URL; null: of all.</param>
    public void Detach(string? primaryKey = null)
    {
        foreach (var (_, exchange) in exchanges)
        {
            if (primaryKey is null || exchange.PrimaryKey == primaryKey)
                Remove(exchange);
        }
    }
}
