using System.Reflection;

namespace Architecture.Rules;

/// <summary>A public class that may be derived from is a promise; each is made on purpose (abstract) or not at all (sealed, static).</summary>
internal static class PublicTypes
{
    public static IEnumerable<string> Violations(Assembly assembly) =>
        assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
            .Select(type => $"{type.FullName} is public and neither sealed nor abstract nor static");
}
