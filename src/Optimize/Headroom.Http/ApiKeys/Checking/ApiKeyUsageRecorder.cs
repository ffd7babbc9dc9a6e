using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>Uses of one key since the last batch.</summary>
internal sealed class ApiKeyUses(ApiKeyUsageRecorder recorder, string id)
{
    long count;
    long lastUsedTicks;

    public string Id => id;

    public void Count(DateTimeOffset now)
    {
        Volatile.Write(ref lastUsedTicks, now.UtcTicks);
        if (Interlocked.Increment(ref count) == 1)
            recorder.Add(this);
    }

    public ApiKeyUsage Take() => new(id, Interlocked.Exchange(ref count, 0), new DateTimeOffset(Volatile.Read(ref lastUsedTicks), TimeSpan.Zero));

    public void PutBack(long uses)
    {
        if (Interlocked.Add(ref count, uses) == uses)
            recorder.Add(this);
    }
}

/// <summary>
/// Writes uses of keys to the store in batches, by a background queue; no request waits for it.
/// <list type="number">
/// <item>A use raises a number; the first since the last batch puts the key on the list.</item>
/// <item>Every interval the list is handed to the queue, if what was handed over before is done.</item>
/// <item>A batch that fails goes back to the numbers, so nothing is lost but what a killed process had not written.</item>
/// <item>When the application stops, the server first answers what it has, then the last batch is handed over, and the queue drains.</item>
/// </list>
/// </summary>
internal sealed class ApiKeyUsageRecorder(
    IServiceProvider services,
    [FromKeyedServices(ApiKeyUsageRecorder.QueueName)] IBackgroundQueue queue,
    IOptions<ApiKeyOptions> options,
    ApiKeyMetrics metrics,
    ILogger<ApiKeyUsageRecorder> logger,
    TimeProvider time) : IHostedService, IDisposable
{
    public const string QueueName = "api-key-usage";

    const int BatchMost = 1_000;

    readonly ConcurrentQueue<ApiKeyUses> used = new();

    // Of batches that failed. A record that is read anew goes on counting there: a store that takes no batch for hours costs a number for each key, not one for each time that the key was read.
    readonly ConcurrentDictionary<string, ApiKeyUses> putBack = new(StringComparer.Ordinal);
    readonly bool isOn = options.Value.RecordUsage;
    ITimer? timer;
    int isHandedOver;

    /// <summary>Where uses of a key are counted; null: nowhere.</summary>
    public ApiKeyUses? UsesOf(string id) => isOn ? putBack.GetValueOrDefault(id) ?? new ApiKeyUses(this, id) : null;

    public void Add(ApiKeyUses uses) => used.Enqueue(uses);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (isOn)
            timer = time.CreateTimer(static state => _ = ((ApiKeyUsageRecorder)state!).HandOverAsync(), this, options.Value.UsageInterval, options.Value.UsageInterval);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (timer is not null)
            await timer.DisposeAsync();

        // What is in the queue may have passed over the last uses already.
        Volatile.Write(ref isHandedOver, 0);
        await HandOverAsync();
    }

    public void Dispose() => timer?.Dispose();

    async Task HandOverAsync()
    {
        if (used.IsEmpty || Interlocked.Exchange(ref isHandedOver, 1) != 0)
            return;
        var outcome = await queue.EnqueueAsync((_, cancellationToken) => WriteAsync(cancellationToken));
        if (outcome != EnqueueOutcome.Accepted)
            Volatile.Write(ref isHandedOver, 0);
    }

    async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var left = used.Count; left > 0; left -= BatchMost)
                await WriteBatchAsync(Math.Min(left, BatchMost), cancellationToken);
        }
        catch (Exception failure)
        {
            ApiKeyLog.UsageNotWritten(logger, failure);
        }
        finally
        {
            Volatile.Write(ref isHandedOver, 0);
        }
    }

    async Task WriteBatchAsync(int most, CancellationToken cancellationToken)
    {
        var batch = new List<(ApiKeyUses Uses, ApiKeyUsage Usage)>(most);
        while (batch.Count < most && used.TryDequeue(out var uses))
        {
            if (uses.Take() is { Count: > 0 } usage)
                batch.Add((uses, usage));
        }

        if (batch.Count == 0)
            return;
        try
        {
            // In one order on all nodes, so that no two wait for each other's rows.
            await services.GetRequiredService<IApiKeyStore>().AddUsageAsync([.. batch.Select(static each => each.Usage).OrderBy(static usage => usage.Id, StringComparer.Ordinal)], cancellationToken);
            foreach (var (uses, _) in batch)
                putBack.TryRemove(KeyValuePair.Create(uses.Id, uses));
            metrics.UsageWritten(batch.Sum(static each => each.Usage.Count));
        }
        catch
        {
            foreach (var (uses, usage) in batch)
            {
                putBack[uses.Id] = uses;
                uses.PutBack(usage.Count);
            }

            throw;
        }
    }
}
