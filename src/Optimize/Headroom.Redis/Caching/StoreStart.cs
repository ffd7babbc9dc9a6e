using Microsoft.Extensions.Hosting;

namespace Headroom.Redis.Caching;

/// <summary>
/// Connects while the application starts, before it listens: a first request that had to wait for the connection (and for its code to be compiled) would run into the second tier's timeout, and a node that joins
/// others would run factories for what Redis has. Where Redis is away or slow the application starts all the same: the client goes on trying, and says so in the log.
/// </summary>
internal sealed class StoreStart(RedisStore store, TimeProvider time) : IHostedService
{
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Longest, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);

        // The same question that comes before anything is believed that is read over a new connection.
        await ((Task)store.HistoryAsync(end.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
