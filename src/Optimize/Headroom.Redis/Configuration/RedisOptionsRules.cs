using System.Globalization;
using Headroom.Redis.Connections;

namespace Headroom.Redis.Configuration;

/// <summary>What options must be like; all errors at once.</summary>
internal static class RedisOptionsRules
{
    public static List<string> Errors(RedisOptions options)
    {
        var errors = new List<string>();
        if (options.Endpoints.Count == 0)
            errors.Add("No endpoint is given; write host:port, for example localhost:6379.");
        foreach (var endpoint in options.Endpoints)
        {
            if (ReadEndpoint(endpoint, RedisEndpoint.DefaultPort, out _) is { } wrong)
                errors.Add(wrong);
        }

        Between(errors, options.ConnectTimeout, "connectTimeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        Between(errors, options.CommandTimeout, "asyncTimeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Between(errors, options.KeepAliveInterval, "keepAlive", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Between(errors, options.LivenessTimeout, "livenessTimeout", TimeSpan.FromMilliseconds(200), TimeSpan.FromHours(1));
        Between(errors, options.ReconnectDelay, "reconnectDelay", TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Between(errors, options.ReconnectDelayMost, "reconnectDelayMost", options.ReconnectDelay, TimeSpan.FromMinutes(10));
        if (options.DefaultDatabase < 0)
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"defaultDatabase is {options.DefaultDatabase}; it is 0 or more."));
        if (options.Protocol is not (2 or 3))
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"protocol is {options.Protocol}; it is 2 or 3."));
        if (options.MaxPendingCommands is < 1 or > 10_000_000)
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"maxPendingCommands is {options.MaxPendingCommands}; it is from 1 to 10000000."));
        if (options.User is not null && options.Password is null)
            errors.Add("user is given without a password; give password= as well (empty for a user with nopass).");
        if (options.SentinelUser is not null && options.SentinelPassword is null)
            errors.Add("sentinelUser is given without a sentinelPassword; give both.");
        if (options.ClientName is { } name && (name.Length == 0 || name.Any(letter => letter is <= ' ' or > '~')))
            errors.Add("name (shown by CLIENT LIST) is empty or has blanks, line ends or letters outside ASCII; Redis takes none of these.");
        return errors;
    }

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[v6]:port</c>, <c>unix:/path</c>, or <c>!/path</c> as StackExchange.Redis writes it. Returns what is wrong.</summary>
    public static string? ReadEndpoint(string text, int defaultPort, out RedisEndpoint endpoint)
    {
        endpoint = default;
        if (text.StartsWith("unix:", StringComparison.OrdinalIgnoreCase) || text.StartsWith('!'))
        {
            var path = text[(text[0] == '!' ? 1 : 5)..];
            endpoint = RedisEndpoint.UnixSocket(path);
            return path.StartsWith('/') ? null : $"'{text}' is not a unix socket; write unix:/run/redis/redis.sock.";
        }

        var host = text;
        var port = "";
        var colon = text.LastIndexOf(':');
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < text.Length && text[close + 1] != ':'))
                return $"'{text}' is not an endpoint; write [::1]:6379.";
            host = text[1..close];
            port = close + 1 < text.Length ? text[(close + 2)..] : "";
        }
        else if (colon >= 0 && colon == text.IndexOf(':', StringComparison.Ordinal))
        {
            host = text[..colon];
            port = text[(colon + 1)..];
        }

        var number = defaultPort;
        if (host.Length == 0 || host.Any(letter => char.IsWhiteSpace(letter) || letter is '/' or '@')
            || ((port.Length > 0 || text.EndsWith(':')) && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number is < 1 or > 65535)))
            // A password written where an endpoint stands would be repeated here, so nothing of it is.
            return host.Contains('@', StringComparison.Ordinal)
                ? "An endpoint contains '@'; write user= and password= after a comma, or a URL that begins with redis://."
                : $"'{text}' is not an endpoint; write host:port with a port from 1 to 65535, for example localhost:6379.";
        endpoint = new RedisEndpoint(host, number);
        return null;
    }

    static void Between(List<string> errors, TimeSpan value, string name, TimeSpan lowest, TimeSpan highest)
    {
        if (value < lowest || value > highest)
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value.TotalMilliseconds:0.###} ms; it is from {lowest.TotalMilliseconds:0.###} to {highest.TotalMilliseconds:0.###} ms."));
    }
}
