using System.Reflection;

namespace Headroom.Testing;

/// <summary>Where the sources of these tests are. The build tells (tests/Directory.Build.props), whatever folder it builds into.</summary>
internal static class RepositoryRoot
{
    public static string Directory { get; } = Path.GetFullPath(
        typeof(RepositoryRoot).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => string.Equals(entry.Key, "RepositoryDirectory", StringComparison.Ordinal)).Value!);

    public static string Combine(params ReadOnlySpan<string> parts) => Path.Combine([Directory, .. parts]);
}
