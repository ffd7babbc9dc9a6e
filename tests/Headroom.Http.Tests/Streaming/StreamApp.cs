using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Http.Tests.Streaming;

/// <summary>An application with streams whose producer a test drives: <see cref="Feed"/> is what it yields.</summary>
internal sealed class StreamApp : IAsyncDisposable
{
    readonly HttpApp app;
    readonly MeterListener listener = new();
    readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);
    int producers;
    int running;

    StreamApp(HttpApp app, IServiceProvider services)
    {
        this.app = app;
        Services = services;
    }

    public IServiceProvider Services { get; }

    public Uri Address => app.Address;

    public Channel<ServerSentEvent> Feed { get; } = Channel.CreateUnbounded<ServerSentEvent>();

    /// <summary>How often a producer was started.</summary>
    public int Producers => Volatile.Read(ref producers);

    public int Running => Volatile.Read(ref running);

    /// <summary><c>/own</c> is a stream for each client, <c>/shared/{key}</c> one for all of a key.</summary>
    public static async Task<StreamApp> StartAsync(Action<EventStreamOptions>? configure = null, Action<WebApplication>? use = null, Action<IServiceCollection>? add = null)
    {
        StreamApp? made = null;
        IServiceProvider? services = null;
        var started = await HttpApp.StartAsync(
            web =>
            {
                services = web.Services;
                web.MapGet("/own", () => HeadroomResults.EventStream(made!.ProduceAsync));
                web.MapGet("/shared/{key}", (string key) => HeadroomResults.EventStream(made!.ProduceAsync, key));
                use?.Invoke(web);
            },
            collection =>
            {
                collection.AddHeadroomStreaming(configure);
                add?.Invoke(collection);
            });
        made = new StreamApp(started, services!);
        made.Listen();
        return made;
    }

    public void Send(params IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
            Feed.Writer.TryWrite(new ServerSentEvent(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    public Task<StreamClient> OpenAsync(string path = "/own", string? lastEventId = null) => StreamClient.OpenAsync(Address, path, lastEventId);

    /// <summary>A counter's sum so far, for example <c>headroom.http.stream.ended slow</c>.</summary>
    public long Count(string name) => counts.GetValueOrDefault(name);

    public Task StopAsync() => Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await app.DisposeAsync();
    }

    public async IAsyncEnumerable<ServerSentEvent> ProduceAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref producers);
        Interlocked.Increment(ref running);
        try
        {
            await foreach (var item in Feed.Reader.ReadAllAsync(cancellationToken))
                yield return item;
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    void Listen()
    {
        var meters = Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == "Headroom.Http" && ReferenceEquals(instrument.Meter.Scope, meters))
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        listener.Start();
    }

    void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var (key, tag) in tags)
        {
            if (key == "headroom.outcome")
                name += " " + tag;
        }

        counts.AddOrUpdate(name, value, (_, sum) => sum + value);
    }
}

/// <summary>Waits for what happens on other threads.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string otherwise)
    {
        for (var waited = 0; !condition(); waited += 5)
        {
            Assert.True(waited < 20_000, otherwise);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
