using System.Security.Cryptography;

namespace Headroom.Caching;

/// <summary>Lengths of lives: their bounds, and a random shortening.</summary>
internal sealed class Expirations(double jitter, int? seed = null)
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    // Its own lock: sets come from many threads, and drawing takes a few nanoseconds.
    readonly Lock gate = new();
    readonly Random random = new(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>Milliseconds to keep an entry for, at least 1: the life, shortened by up to the jitter.</summary>
    public long Draw(TimeSpan life)
    {
        var milliseconds = (long)Math.Ceiling(life.TotalMilliseconds);
        if (jitter <= 0)
            return milliseconds;
        double share;
        lock (gate)
            share = random.NextDouble();
        return Math.Max(1, milliseconds - (long)(milliseconds * jitter * share));
    }

    public static TimeSpan Checked(TimeSpan life, string parameter) =>
        life > TimeSpan.Zero && life <= Longest
            ? life
            : throw new ArgumentOutOfRangeException(parameter, life, $"An expiration is more than 0 and at most {Longest}; to keep nothing, do not set.");
}
