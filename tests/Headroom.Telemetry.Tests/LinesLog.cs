using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.Tests;

/// <summary>What an application writes to its log.</summary>
internal sealed class LinesLog : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>The one line that begins so; it may come a moment after the answer.</summary>
    public async Task<string> SingleAsync(string beginning)
    {
        for (var attempt = 0; attempt < 200 && !lines.Any(Begins); attempt++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        return Assert.Single(lines, Begins);

        bool Begins(string line) => line.StartsWith(beginning, StringComparison.Ordinal);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            lines.Enqueue(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
