using System.Diagnostics.CodeAnalysis;

namespace Headroom.Testing;

/// <summary>
/// What a test needs from the machine: a service that <c>./test</c> started, or a program on the path. Each method returns it,
/// or skips the test with the reason. Where <c>CI=true</c> a missing thing is a failure instead: CI must not pass by not looking.
/// </summary>
internal static class Require
{
    private static readonly string[] ChromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    // Debian puts daemons where only root's PATH looks, and PostgreSQL's programs where nobody's does.
    private static readonly string[] DirectoriesBesidePath = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/postgresql/15/bin"];

    /// <summary>An Npgsql connection string to an empty PostgreSQL 15 of this run, as a superuser: create your own database in it.</summary>
    public static string Postgres() => Service("HEADROOM_TEST_POSTGRES", "PostgreSQL 15");

    /// <summary><c>host:port</c> of a Redis 7 of this run, without persistence and shared by all tests: prefix your keys.</summary>
    public static string Redis() => Service("HEADROOM_TEST_REDIS", "Redis 7");

    /// <summary>The full path of a program, for example <c>promtool</c>, <c>nginx</c> or <c>wrk</c>.</summary>
    public static string Tool(string name) =>
        Find(name) ?? Missing($"the program '{name}' is not installed (./test installs it from Debian packages where it can)");

    /// <summary>The full path of a Chromium or Chrome: <c>HEADROOM_TEST_CHROMIUM</c> if set, else the first on the path.</summary>
    public static string Chromium()
    {
        var named = Environment.GetEnvironmentVariable("HEADROOM_TEST_CHROMIUM");
        if (!string.IsNullOrEmpty(named))
            return File.Exists(named) ? named : Missing($"HEADROOM_TEST_CHROMIUM names '{named}', which does not exist");

        return ChromiumNames.Select(Find).FirstOrDefault(path => path is not null)
            ?? Missing("no Chromium is installed (./test installs Debian's 'chromium' where it can)");
    }

    private static string Service(string variable, string service)
    {
        var address = Environment.GetEnvironmentVariable(variable);
        if (!string.IsNullOrEmpty(address))
            return address;

        var reason = Environment.GetEnvironmentVariable(variable + "_MISSING");
        return Missing(string.IsNullOrEmpty(reason)
            ? $"{service} is needed and {variable} is not set: run ./test, which starts one, or set it yourself"
            : $"{service} is needed: {reason}");
    }

    private static string? Find(string program)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(DirectoriesBesidePath)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
    }

    [DoesNotReturn]
    private static string Missing(string reason)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail($"CI=true, and {reason}");

        Assert.Skip(reason);
        throw new InvalidOperationException("unreachable: Assert.Skip throws");
    }
}
