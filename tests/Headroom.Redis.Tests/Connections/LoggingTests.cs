using System.Collections.Concurrent;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Tests.Connections;

public sealed class LoggingTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_OverAWholeLife_StableEventsWithoutSecretsKeysOrValues()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "hush-password");
        var log = new Log();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        await using (var client = new RedisClient(RedisOptions.Parse($"{server.Endpoint},password=hush-password,allowAdmin=true,reconnectDelay=5"), loggers))
        {
            await client.SetAsync("hush-key", "hush-value", cancellationToken: Cancellation);
            await server.KillAsync();
            await Wait.UntilAsync(() => log.Ids.Contains(3), "a failed attempt");
            await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.GetAsync("hush-key", Cancellation));
            await server.StartAgainAsync();
            await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
        }

        await using (var wrong = new RedisClient(RedisOptions.Parse($"{server.Endpoint},password=hush-wrong"), loggers))
            await Assert.ThrowsAsync<RedisConnectionException>(async () => await wrong.GetAsync("hush-key", Cancellation));

        Assert.All([1, 2, 3, 4], id => Assert.Contains(id, log.Ids));
        Assert.All(log.Messages, message => Assert.DoesNotContain("hush", message, StringComparison.Ordinal));
        Assert.Contains(log.Messages, message => message.Contains("allowAdmin", StringComparison.Ordinal));
    }

    sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public ConcurrentQueue<int> Ids { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Messages.Enqueue($"{formatter(state, exception)} {exception}");
            Ids.Enqueue(eventId.Id);
        }

        public void Dispose()
        {
        }
    }
}
