using System.Reflection;

namespace Headroom.Reports.Tests;

/// <summary>Where the sources of these tests are; the build knows, whatever folder it builds into.</summary>
internal static class RepositoryRoot
{
    private static readonly string Root = typeof(RepositoryRoot).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!;

    public static string Combine(params string[] parts) => Path.Combine([Root, .. parts]);
}
