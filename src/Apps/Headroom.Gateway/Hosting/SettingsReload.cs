using System.Runtime.InteropServices;
using Headroom.Gateway.CommandLine;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Routing;

namespace Headroom.Gateway.Hosting;

/// <summary>
/// Loads gateway.yaml again when its text has changed, or on SIGHUP. What is good takes effect for the next request; requests under way finish as they began. What has a mistake changes nothing: the
/// mistakes are told and the settings in use stay.
/// </summary>
internal sealed partial class SettingsReload : IDisposable
{
    /// <summary>Looking at the text itself works on every file system, through links, and for editors that replace the file.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly GatewayArguments _arguments;
    private readonly GatewayRoutes _routes;
    private readonly ILogger _logger;
    private readonly PosixSignalRegistration? _hangUp;
    private readonly ITimer _timer;
    private readonly Lock _loading = new();
    private GatewaySettings _settings;
    private string? _text;

    public SettingsReload(GatewayArguments arguments, GatewaySettings settings, GatewayRoutes routes, TimeProvider time, ILogger<SettingsReload> logger)
    {
        (_arguments, _settings, _routes, _logger) = (arguments, settings, routes, logger);
        _text = ReadText();
        _timer = time.CreateTimer(_ => Load(asked: false), state: null, LookEvery, LookEvery);
        if (!OperatingSystem.IsWindows())
        {
            _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                Load(asked: true);
            });
        }
    }

    /// <summary>Loads the file, if it has changed or if it was asked for.</summary>
    public void Load(bool asked)
    {
        lock (_loading)
        {
            var text = ReadText();
            if (!asked && (text is null || text == _text))
                return;
            _text = text;
            var mistakes = new List<string>();
            if (SettingsSource.Read(_arguments, mistakes) is not { } settings)
            {
                foreach (var mistake in mistakes)
                    LogMistake(_logger, mistake);
                LogKept(_logger);
                return;
            }

            _routes.Apply(settings.Routes);
            LogLoaded(_logger, settings.Routes.Count);
            if (!settings.Listen.SequenceEqual(_settings.Listen) || settings.Limits != _settings.Limits || settings.Drain != _settings.Drain || settings.Purge != _settings.Purge || settings.Redis != _settings.Redis
                || !IsSame(settings.Headroom, _settings.Headroom))
                LogNeedsRestart(_logger);
            _settings = _settings with { Routes = settings.Routes };
        }
    }

    public void Dispose()
    {
        _hangUp?.Dispose();
        _timer.Dispose();
    }

    private static bool IsSame(IReadOnlyDictionary<string, string?> one, IReadOnlyDictionary<string, string?> other) =>
        one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var value) && value == entry.Value);

    private string? ReadText()
    {
        try
        {
            return _arguments.ConfigFile is { } file ? File.ReadAllText(file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Away for a moment while it is replaced; if it stays away, what is in use stays too.
            return null;
        }
    }

    [LoggerMessage(20, LogLevel.Information, "configuration loaded: {Routes} route(s)")]
    private static partial void LogLoaded(ILogger logger, int routes);

    [LoggerMessage(21, LogLevel.Error, "{Mistake}")]
    private static partial void LogMistake(ILogger logger, string mistake);

    [LoggerMessage(22, LogLevel.Error, "the configuration was not loaded; the one before stays in use")]
    private static partial void LogKept(ILogger logger);

    [LoggerMessage(23, LogLevel.Warning, "'listen', 'limits', 'drain', 'store', 'redis' and 'purge' are read at the start only: restart for what has changed there")]
    private static partial void LogNeedsRestart(ILogger logger);
}
