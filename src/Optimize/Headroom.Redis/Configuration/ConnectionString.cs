using System.Globalization;
using System.Security.Authentication;

namespace Headroom.Redis.Configuration;

/// <summary>Connection strings as StackExchange.Redis' users have them, and URLs. Collects every error; repeats no value of a secret.</summary>
internal static class ConnectionString
{
    delegate string? Setter(RedisOptions options, string value);

    static readonly Dictionary<string, Setter> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = (options, value) => Set(() => options.User = value),
        ["password"] = (options, value) => Set(() => options.Password = value),
        ["name"] = (options, value) => Set(() => options.ClientName = value),
        ["defaultDatabase"] = (options, value) => Number(value, number => options.DefaultDatabase = number),
        ["ssl"] = (options, value) => Boolean(value, flag => options.Ssl = flag),
        ["sslHost"] = (options, value) => Set(() => options.SslHost = value),
        ["sslProtocols"] = (options, value) => Protocols(value, protocols => options.SslProtocols = protocols),
        ["checkCertificateRevocation"] = (options, value) => Boolean(value, flag => options.CheckCertificateRevocation = flag),
        ["serviceName"] = (options, value) => Set(() => options.ServiceName = value),
        ["sentinelUser"] = (options, value) => Set(() => options.SentinelUser = value),
        ["sentinelPassword"] = (options, value) => Set(() => options.SentinelPassword = value),
        ["connectTimeout"] = (options, value) => Milliseconds(value, time => options.ConnectTimeout = time),
        ["syncTimeout"] = (options, value) => Milliseconds(value, time => options.CommandTimeout = time),
        ["asyncTimeout"] = (options, value) => Milliseconds(value, time => options.CommandTimeout = time),
        ["keepAlive"] = (options, value) => Number(value, number => options.KeepAliveInterval = TimeSpan.FromSeconds(number)),
        ["keepAliveMs"] = (options, value) => Milliseconds(value, time => options.KeepAliveInterval = time),
        ["livenessTimeout"] = (options, value) => Milliseconds(value, time => options.LivenessTimeout = time),
        ["reconnectDelay"] = (options, value) => Milliseconds(value, time => options.ReconnectDelay = time),
        ["reconnectDelayMost"] = (options, value) => Milliseconds(value, time => options.ReconnectDelayMost = time),
        ["abortConnect"] = (options, value) => Boolean(value, flag => options.AbortOnConnectFail = flag),
        ["protocol"] = (options, value) => Protocol(value, version => options.Protocol = version),
        ["channelPrefix"] = (options, value) => Set(() => options.ChannelPrefix = value),
        ["maxPendingCommands"] = (options, value) => Number(value, number => options.MaxPendingCommands = number),
    };

    // Of StackExchange.Redis, without a meaning here: what they steer is always so, or does not exist.
    static readonly string[] WithoutMeaning =
    [
        "allowAdmin", "configChannel", "configCheckSeconds", "connectRetry", "heartbeatConsistencyChecks", "heartbeatInterval", "highIntegrity", "highPriorityThreads", "includeDetailInExceptions",
        "includePerformanceCountersInExceptions", "preserveAsyncOrder", "resolveDns", "responseTimeout", "setlib", "tiebreaker", "version", "writeBuffer",
    ];

    /// <summary>Returns what is wrong.</summary>
    public static List<string> ReadInto(RedisOptions options, string text)
    {
        var errors = new List<string>();
        var trimmed = text.Trim();
        if (trimmed.StartsWith("redis://", StringComparison.OrdinalIgnoreCase) || trimmed.StartsWith("rediss://", StringComparison.OrdinalIgnoreCase) || trimmed.StartsWith("unix://", StringComparison.OrdinalIgnoreCase))
        {
            ReadUrl(trimmed, options, errors);
            return errors;
        }

        foreach (var part in trimmed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                options.Endpoints.Add(part);
            else
                Apply(options, part[..equals].Trim(), part[(equals + 1)..].Trim(), errors);
        }

        return errors;
    }

    static void ReadUrl(string text, RedisOptions options, List<string> errors)
    {
        // The text is not repeated: it may hold a password anywhere.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            errors.Add("The connection string begins like a URL and is none; write redis://user:password@host:port/database, with %2F, %40, %3A for '/', '@' and ':' in user or password.");
            return;
        }

        if (url.Scheme == "unix")
        {
            options.Endpoints.Add("unix:" + Uri.UnescapeDataString(url.AbsolutePath));
        }
        else
        {
            options.Ssl = url.Scheme == "rediss";
            // IANA and other clients have 6379 for rediss:// too, unlike StackExchange.Redis' ssl=true.
            options.Endpoints.Add($"{url.Host}:{(url.IsDefaultPort || url.Port <= 0 ? Connections.RedisEndpoint.DefaultPort : url.Port).ToString(CultureInfo.InvariantCulture)}");
            if (url.AbsolutePath is { Length: > 1 } path && Number(path[1..], number => options.DefaultDatabase = number) is { } wrong)
                errors.Add($"The URL's path '{path}' is not a database: {wrong}");
        }

        if (url.UserInfo.Length > 0)
        {
            var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
            var user = Uri.UnescapeDataString(colon < 0 ? url.UserInfo : url.UserInfo[..colon]);
            options.User = user.Length == 0 ? null : user;
            options.Password = colon < 0 ? null : Uri.UnescapeDataString(url.UserInfo[(colon + 1)..]);
        }

        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var key = Uri.UnescapeDataString(parts[0]);
            Apply(options, key.Equals("db", StringComparison.OrdinalIgnoreCase) ? "defaultDatabase" : key, parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "", errors);
        }
    }

    static void Apply(RedisOptions options, string key, string value, List<string> errors)
    {
        if (Settings.TryGetValue(key, out var setter))
        {
            if (setter(options, value) is { } wrong)
                errors.Add($"{key}=: {wrong}");
        }
        else if (WithoutMeaning.Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            options.Ignored.Add(key);
        }
        else if (key.Equals("proxy", StringComparison.OrdinalIgnoreCase) || key.Equals("tunnel", StringComparison.OrdinalIgnoreCase) || key.StartsWith('$'))
        {
            errors.Add($"'{key}' is not supported: this client talks to Redis, a cluster or sentinels directly and renames no commands. Take it out.");
        }
        else
        {
            // Without the value: a part of a password that contains ',' or '=' comes here as well.
            errors.Add($"'{key}' is not a setting{SettingNames.Hint(key, Settings.Keys)} Settings are {string.Join(", ", Settings.Keys)}. A password with a comma can be given in a redis:// URL (as %2C) or in code.");
        }
    }

    static string? Set(Action set)
    {
        set();
        return null;
    }

    static string? Number(string value, Action<int> set)
    {
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return $"'{value}' is not a whole number; write for example 3.";
        set(number);
        return null;
    }

    static string? Milliseconds(string value, Action<TimeSpan> set) =>
        Number(value, number => set(TimeSpan.FromMilliseconds(number))) is null ? null : $"'{value}' is not a number of milliseconds; write for example 500.";

    static string? Boolean(string value, Action<bool> set)
    {
        switch (value.ToUpperInvariant())
        {
            case "TRUE" or "YES" or "ON" or "1":
                set(true);
                return null;
            case "FALSE" or "NO" or "OFF" or "0":
                set(false);
                return null;
            default:
                return $"'{value}' is neither true nor false.";
        }
    }

    static string? Protocol(string value, Action<int> set)
    {
        switch (value.ToUpperInvariant())
        {
            case "3" or "RESP3":
                set(3);
                return null;
            case "2" or "RESP2":
                set(2);
                return null;
            default:
                return $"'{value}' is not a protocol; write resp3 or resp2.";
        }
    }

    static string? Protocols(string value, Action<SslProtocols> set)
    {
        if (!Enum.TryParse<SslProtocols>(value.Replace('|', ','), ignoreCase: true, out var protocols))
            return $"'{value}' is not a TLS version; write for example tls12|tls13.";
        set(protocols);
        return null;
    }
}
