using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis.Tests.Connections;

public sealed class ClientMetricsTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Meter_CommandsLossesAndTimeouts_AreCounted()
    {
        await using var server = await RedisServer.StartAsync();
        await using var services = new ServiceCollection().AddLogging().AddHeadroomRedis($"{server.Endpoint},abortConnect=false,reconnectDelayMost=100,connectTimeout=500").BuildServiceProvider();
        var client = services.GetRequiredService<RedisClient>();
        await client.ConnectAsync(Cancellation);
        using var seen = new Measured(services.GetRequiredService<IMeterFactory>());

        await client.SetAsync("key", "value", cancellationToken: Cancellation);
        Assert.Equal("value", await client.GetStringAsync("key", Cancellation));
        Assert.Equal(2, seen.Durations.Count);
        Assert.All(seen.Durations, duration => Assert.InRange(duration, 0.000001, 5));
        Assert.Equal(1, seen.Read("headroom.redis.connections"));
        Assert.Equal(0, seen.Read("headroom.redis.timeouts"));

        server.Stop();
        await Assert.ThrowsAsync<RedisTimeoutException>(async () => await client.WithTimeout(TimeSpan.FromMilliseconds(50)).GetStringAsync("key", Cancellation));
        server.Continue();
        Assert.Equal(1, seen.Read("headroom.redis.timeouts"));

        await server.KillAsync();
        await Wait.UntilAsync(() => seen.Read("headroom.redis.connect.failures") > 0, "an attempt that failed");
        Assert.Equal(0, seen.Read("headroom.redis.connections"));
        await server.StartAgainAsync();
        await Wait.UntilAsync(() => seen.Read("headroom.redis.reconnects") == 1, "the connection in its place");
        Assert.Equal(1, seen.Read("headroom.redis.connections"));
    }

    [Fact]
    public async Task Meter_NobodyListens_CommandsAreNotTimed()
    {
        await using var services = new ServiceCollection().AddLogging().AddHeadroomRedis("127.0.0.1:1").BuildServiceProvider();
        var metrics = new Headroom.Redis.Connections.ClientMetrics(services.GetRequiredService<IMeterFactory>(), TimeProvider.System);
        Assert.False(metrics.TimesCommands);
        using var seen = new Measured(services.GetRequiredService<IMeterFactory>());
        Assert.True(metrics.TimesCommands);
    }

    /// <summary>What one container's Redis meter tells.</summary>
    sealed class Measured : IDisposable
    {
        readonly MeterListener listener = new();
        readonly ConcurrentDictionary<string, long> values = new(StringComparer.Ordinal);

        public Measured(IMeterFactory meters)
        {
            listener.InstrumentPublished = (instrument, source) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name == "Headroom.Redis")
                    source.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
            listener.SetMeasurementEventCallback<double>((_, value, _, _) => Durations.Enqueue(value));
            listener.Start();
        }

        public ConcurrentQueue<double> Durations { get; } = new();

        public long Read(string instrument)
        {
            listener.RecordObservableInstruments();
            return values[instrument];
        }

        public void Dispose() => listener.Dispose();
    }
}
