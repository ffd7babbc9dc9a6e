using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Architecture.Rules;

/// <summary>
/// Calls that make a library untestable or noisy. Read from the built assembly's table of member references, so that neither a comment
/// nor a string counts, and no alias hides one.
/// </summary>
internal static class ForbiddenCalls
{
    private static readonly Dictionary<string, string> Instead = new(StringComparer.Ordinal)
    {
        ["System.DateTime.get_Now"] = "take a TimeProvider",
        ["System.DateTime.get_UtcNow"] = "take a TimeProvider",
        ["System.DateTime.get_Today"] = "take a TimeProvider",
        ["System.DateTimeOffset.get_Now"] = "take a TimeProvider",
        ["System.DateTimeOffset.get_UtcNow"] = "take a TimeProvider",
        ["System.Threading.Thread.Sleep"] = "wait on a TimeProvider's timer, or on the thing itself",
        ["System.Random.get_Shared"] = "take a Random, or a seed",
        ["System.Random..ctor()"] = "take a Random, or a seed",
        ["System.Environment.Exit"] = "return an outcome; only the application ends the process",
    };

    public static IEnumerable<string> Violations(string assemblyPath)
    {
        using var file = new PEReader(File.OpenRead(assemblyPath));
        var metadata = file.GetMetadataReader();
        var name = metadata.GetString(metadata.GetAssemblyDefinition().Name);
        foreach (var member in metadata.MemberReferences.Select(metadata.GetMemberReference))
        {
            if (DeclaringType(metadata, member) is not { } type)
                continue;

            var called = $"{type}.{metadata.GetString(member.Name)}";
            if (called == "System.Random..ctor" && metadata.GetBlobReader(member.Signature) is var signature && IsParameterless(ref signature))
                called += "()";
            if (Instead.TryGetValue(called, out var instead))
                yield return $"{name} uses {called}: {instead}";
            if (type == "System.Console")
                yield return $"{name} uses {called}: a library does not write to the console; return it, or take a TextWriter";
        }
    }

    private static string? DeclaringType(MetadataReader metadata, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference)
            return null;

        var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    // ECMA-335 II.23.2.2: a calling convention (the second lowest bits say generic), then the number of parameters.
    private static bool IsParameterless(ref BlobReader signature)
    {
        var header = signature.ReadSignatureHeader();
        return !header.IsGeneric && signature.ReadCompressedInteger() == 0;
    }
}
