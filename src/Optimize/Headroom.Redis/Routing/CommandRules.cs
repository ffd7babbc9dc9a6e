using System.Collections.Frozen;

namespace Headroom.Redis.Routing;

/// <summary>What has to be known of commands that people name themselves: where the key is, and which must not go over a shared connection.</summary>
internal static class CommandRules
{
    const string Blocking = "it blocks, and with it everybody else. Use a Redis client with a connection of its own for it.";
    const string Stateful = "it changes the connection for everybody. ";

    static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AUTH"] = Stateful + "Give user and password in the connection string.",
        ["HELLO"] = Stateful + "Give protocol, user and password in the connection string.",
        ["SELECT"] = Stateful + "Give defaultDatabase in the connection string; another database is another client.",
        ["RESET"] = Stateful + "Nothing needs it here.",
        ["QUIT"] = Stateful + "Dispose of the client.",
        ["MONITOR"] = Stateful + "Use redis-cli.",
        ["SYNC"] = Stateful + "It is for replicas.",
        ["PSYNC"] = Stateful + "It is for replicas.",
        ["SUBSCRIBE"] = Stateful + "Use SubscribeAsync.",
        ["PSUBSCRIBE"] = Stateful + "Use SubscribeAsync.",
        ["SSUBSCRIBE"] = Stateful + "Use SubscribeAsync.",
        ["UNSUBSCRIBE"] = Stateful + "Dispose of the subscription.",
        ["PUNSUBSCRIBE"] = Stateful + "Dispose of the subscription.",
        ["SUNSUBSCRIBE"] = Stateful + "Dispose of the subscription.",
        ["MULTI"] = Stateful + "Commands of others would become part of the transaction. Use a script (EvaluateAsync), which is atomic too.",
        ["EXEC"] = Stateful + "Use a script (EvaluateAsync).",
        ["DISCARD"] = Stateful + "Use a script (EvaluateAsync).",
        ["WATCH"] = Stateful + "Use a script (EvaluateAsync).",
        ["UNWATCH"] = Stateful + "Use a script (EvaluateAsync).",
        ["READONLY"] = Stateful + "Replicas are not read here.",
        ["READWRITE"] = Stateful + "Replicas are not read here.",
        ["ASKING"] = Stateful + "The client does that itself.",
        ["CLIENT REPLY"] = Stateful + "Replies would not be matched to commands any more.",
        ["CLIENT TRACKING"] = Stateful + "Use the client as IInvalidationSource.",
        ["CLIENT CACHING"] = Stateful + "Use the client as IInvalidationSource.",
        ["CLIENT SETNAME"] = Stateful + "Give name in the connection string.",
        ["BLPOP"] = Blocking, ["BRPOP"] = Blocking, ["BLMOVE"] = Blocking, ["BRPOPLPUSH"] = Blocking, ["BLMPOP"] = Blocking,
        ["BZPOPMIN"] = Blocking, ["BZPOPMAX"] = Blocking, ["BZMPOP"] = Blocking, ["WAIT"] = Blocking, ["WAITAOF"] = Blocking,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Commands without a key, or with none that decides where they go.
    static readonly FrozenSet<string> Keyless = new[]
    {
        "ACL", "BGREWRITEAOF", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "DEBUG", "ECHO", "FAILOVER", "FLUSHALL", "FLUSHDB", "FUNCTION", "INFO", "KEYS", "LASTSAVE", "LATENCY", "LOLWUT",
        "MODULE", "PING", "PUBLISH", "PUBSUB", "RANDOMKEY", "REPLICAOF", "ROLE", "SAVE", "SCAN", "SCRIPT", "SHUTDOWN", "SLAVEOF", "SLOWLOG", "SWAPDB", "TIME",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> KeyAfterSubcommand = new[] { "OBJECT", "MEMORY", "XINFO", "XGROUP", "BITOP" }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> KeysAfterCount = new[] { "SINTERCARD", "ZUNION", "ZINTER", "ZDIFF", "ZINTERCARD", "LMPOP", "ZMPOP" }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> KeysAfterScript = new[] { "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Why a command must not go over a shared connection; null if it may.</summary>
    /// <param name="name">In capitals, of one word or two.</param>
    /// <param name="arguments">What follows; its first may be the second word.</param>
    public static string? WhyNotShared(string name, ReadOnlySpan<RedisArgument> arguments)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var second = words.Length > 1 ? words[1] : words[0] == "CLIENT" && arguments.Length > 0 ? TextOf(arguments[0]).ToUpperInvariant() : "";
        if (Reasons.TryGetValue(words[0], out var reason) || Reasons.TryGetValue($"{words[0]} {second}", out reason))
            return reason;
        if (words[0] is "XREAD" or "XREADGROUP")
        {
            foreach (ref readonly var argument in arguments)
            {
                if (TextOf(argument).Equals("BLOCK", StringComparison.OrdinalIgnoreCase))
                    return Blocking;
            }
        }

        return null;
    }

    /// <summary>Whether <see cref="WhyNotShared"/> has to look each time.</summary>
    public static bool DependsOnArguments(string name) => name is "CLIENT" or "XREAD" or "XREADGROUP";

    /// <summary>Which argument is the first key; <see cref="Router.AnySlot"/> for none.</summary>
    public static int KeyIndex(string name, ReadOnlySpan<RedisArgument> arguments)
    {
        var blank = name.IndexOf(' ', StringComparison.Ordinal);
        var first = blank < 0 ? name : name[..blank];
        var index = Keyless.Contains(first) ? Router.AnySlot
            : KeyAfterSubcommand.Contains(first) ? (blank < 0 || first == "BITOP" ? 1 : 0)
            : KeysAfterCount.Contains(first) ? 1
            : KeysAfterScript.Contains(first) ? (arguments.Length > 1 && TextOf(arguments[1]) != "0" ? 2 : Router.AnySlot)
            : first is "XREAD" or "XREADGROUP" ? AfterStreams(arguments)
            : 0;
        return index < arguments.Length ? index : Router.AnySlot;
    }

    static int AfterStreams(ReadOnlySpan<RedisArgument> arguments)
    {
        for (var index = 0; index < arguments.Length; index++)
        {
            if (TextOf(arguments[index]).Equals("STREAMS", StringComparison.OrdinalIgnoreCase))
                return index + 1;
        }

        return Router.AnySlot;
    }

    // Words of the language are short; anything longer is none.
    static string TextOf(in RedisArgument argument)
    {
        if (argument.EncodedMostBytes > 128)
            return "";
        Span<byte> bytes = stackalloc byte[128];
        return System.Text.Encoding.ASCII.GetString(argument.CopyTo(bytes));
    }
}
