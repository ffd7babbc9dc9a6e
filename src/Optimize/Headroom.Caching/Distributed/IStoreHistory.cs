namespace Headroom.Caching;

/// <summary>
/// A store that may lose what it had confirmed, and can say so: it was restored from an older copy, or failed over to a replica that lagged. The second tier asks it after each new connection, and ends every
/// entry where the history is another one: an invalidation may be among what was lost.
/// </summary>
public interface IStoreHistory
{
    /// <summary>Goes up with every connection, before anything is read over it. Asked before and after each read: must cost nothing.</summary>
    long Connections { get; }

    /// <summary>Names the present history, one name for each server that has a part of the keys. A server has another name from when it may lack something that it had confirmed.</summary>
    /// <returns>Empty where the store cannot say; then it is believed.</returns>
    ValueTask<IReadOnlyList<string>> HistoryAsync(CancellationToken cancellation);
}
