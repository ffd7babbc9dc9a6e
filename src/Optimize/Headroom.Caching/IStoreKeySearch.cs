namespace Headroom.Caching;

/// <summary>
/// A store that can look through its keys, so that removing by prefix or pattern also finds those that no memory has. Implemented beside <see cref="IDistributedStore"/> by the same object. As there: it may throw and may be
/// slow, and must be safe for concurrent use.
/// </summary>
public interface IStoreKeySearch
{
    /// <summary>Keys that match, page by page; each page takes about as long as a read, and may be empty. A key that is there all the time comes at least once.</summary>
    /// <param name="pattern"><c>*</c> stands for any characters, <c>?</c> for one, <c>\</c> takes the meaning from the character after it; every other character stands for itself.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>At least those that match; who asked looks again.</returns>
    IAsyncEnumerable<IReadOnlyList<string>> FindAsync(string pattern, CancellationToken cancellation);
}
