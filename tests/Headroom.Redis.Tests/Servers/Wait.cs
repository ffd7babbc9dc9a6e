using System.Diagnostics;

namespace Headroom.Redis.Tests.Servers;

internal static class Wait
{
    /// <summary>Until it holds; fails with the words after the time. Returns how long it took.</summary>
    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> condition, string what, int seconds = 20)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"not within {seconds} s: {what}");
            await Task.Delay(5);
        }

        return Stopwatch.GetElapsedTime(begin);
    }

    public static Task<TimeSpan> UntilAsync(Func<bool> condition, string what, int seconds = 20) => UntilAsync(() => Task.FromResult(condition()), what, seconds);

    /// <summary>Whether a command works now.</summary>
    public static async Task<bool> AnswersAsync(RedisClient client)
    {
        try
        {
            await client.PingAsync();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
