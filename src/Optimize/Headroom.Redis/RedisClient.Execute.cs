using System.Collections.Concurrent;
using Headroom.Redis.Connections;
using Headroom.Redis.Routing;

namespace Headroom.Redis;

public sealed partial class RedisClient
{
    // Names come from code, not from people; a bound keeps a program that composes them from filling memory.
    const int KnownCommandsMost = 1024;

    static readonly ConcurrentDictionary<string, Command> KnownCommands = new(StringComparer.Ordinal);

    /// <summary>Any command, for example <c>ExecuteAsync("OBJECT FREQ", key)</c>: the name, for some of two words, then the arguments.</summary>
    /// <returns>The whole reply.</returns>
    /// <exception cref="NotSupportedException">The command would change or block the connection that all callers share; the message names what to do instead.</exception>
    /// <exception cref="RedisServerException">Redis answered with an error.</exception>
    public ValueTask<RedisReply> ExecuteAsync(string command, params ReadOnlySpan<RedisArgument> arguments) => ExecuteAsync(command, arguments, CancellationToken.None);

    /// <inheritdoc cref="ExecuteAsync(string, ReadOnlySpan{RedisArgument})"/>
    public ValueTask<RedisReply> ExecuteAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        if (!KnownCommands.TryGetValue(command, out var known))
        {
            if (!System.Text.Ascii.IsValid(command))
                throw new ArgumentException($"'{command}' is not a command: names are in ASCII.", nameof(command));
            known = new Command(command.ToUpperInvariant());
            if (CommandRules.WhyNotShared(known.Name, arguments) is { } reason)
                throw new NotSupportedException($"{known.Name} cannot be sent over a connection that others share: {reason}");
            if (KnownCommands.Count < KnownCommandsMost && !CommandRules.DependsOnArguments(known.Name))
                KnownCommands.TryAdd(command, known);
        }

        return Send<RedisReply, ReplyShape>(known, arguments, cancellationToken, CommandRules.KeyIndex(known.Name, arguments));
    }
}
