using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Background;

/// <summary>
/// Starts every queue's workers with the application and drains them when it stops. A web application's server stops before, so what its last requests handed over is drained too.
/// </summary>
internal sealed class BackgroundRunner(IEnumerable<QueueRegistration> registrations, IServiceProvider services, IConfiguration? configuration = null) : IHostedService
{
    IDrainable[] queues = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ThrowForUnknownQueues();
        queues = [.. registrations.Select(registration => registration.Open(services))];
        await Task.WhenAll(queues.Select(queue => queue.StartAsync(cancellationToken)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(queues.Select(queue => queue.DrainAsync(cancellationToken)));

    void ThrowForUnknownQueues()
    {
        var known = registrations.Select(registration => registration.Name).ToList();
        var unknown = configuration?.GetSection(BackgroundQueueOptions.SectionName).GetChildren().Where(section => !known.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
            .Select(section => $"'{section.Path}' is not a queue; the queues are {string.Join(", ", known)}.").ToList();
        if (unknown is { Count: > 0 })
            throw new OptionsValidationException(BackgroundQueueOptions.SectionName, typeof(BackgroundQueueOptions), unknown);
    }
}

/// <summary>A queue that the application has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Item">What an item of a durable queue says; null for one in memory.</param>
/// <param name="Open">Takes it from the services.</param>
internal sealed record QueueRegistration(string Name, Type? Item, Func<IServiceProvider, IDrainable> Open);

/// <summary>What starts with the application and is emptied when it stops.</summary>
internal interface IDrainable
{
    Task StartAsync(CancellationToken cancellationToken);

    Task DrainAsync(CancellationToken hurry);
}
