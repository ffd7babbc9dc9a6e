namespace Headroom.Redis;

/// <summary>A connection string or <see cref="RedisOptions"/> that cannot be used; the message has every error in a line of its own.</summary>
public sealed class RedisOptionsException(IReadOnlyList<string> errors) : ArgumentException("The Redis options cannot be used:" + string.Concat((errors ?? []).Select(error => Environment.NewLine + "- " + error)))
{
    /// <summary>What is wrong, each with what to write instead.</summary>
    public IReadOnlyList<string> Errors { get; } = errors ?? [];
}
