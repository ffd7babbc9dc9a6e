using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>A variable of the environment where a plan names it.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Default">For when it is unset or empty; null when the plan has none.</param>
/// <param name="IsPlain">It is a plain scalar alone, whose value YAML reads as a number or truth value when it is one.</param>
internal sealed record EnvironmentReference(string Name, string? Default, bool IsPlain);

/// <summary>
/// Puts the environment's values in a document: <c>${env.NAME}</c>, and <c>${env.NAME:-default}</c> where the variable is unset or empty. They are put in as text, so that
/// a value is never read as a variable itself. Nodes that contain themselves, or that aliases blow up, are told here, before anything walks through them.
/// </summary>
/// <param name="read">Values of variables; null where one is not set.</param>
/// <param name="problems">Where mistakes go.</param>
/// <param name="keep">Asked first: what to put in instead of a value, or null to put the value in.</param>
internal sealed partial class EnvironmentText(Func<string, string?> read, PlanProblems problems, Func<EnvironmentReference, string?>? keep = null)
{
    /// <summary>How many values a plan may have when each alias is written out.</summary>
    public const int ValuesMax = 1_000_000;

    private readonly Dictionary<YamlNode, long> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<YamlNode> _above = new(ReferenceEqualityComparer.Instance);
    private bool _hasCycle;

    /// <returns>False when the document cannot be walked through.</returns>
    public bool Resolve(YamlNode root)
    {
        var size = Visit(root);
        if (_hasCycle)
            return false;
        if (size > ValuesMax)
            problems.Add(root, $"the plan has more than {ValuesMax} values when its aliases are written out; write fewer, or put rows in a feeder's file");
        return size <= ValuesMax;
    }

    private long Visit(YamlNode node)
    {
        if (_sizes.TryGetValue(node, out var known))
            return known;
        if (!_above.Add(node))
        {
            problems.Add(node, "the value contains itself through an alias; write it out");
            _hasCycle = true;
            return 1;
        }

        long size = 1;
        if (node is YamlScalarNode { Value: { } text } scalar && text.Contains("${env.", StringComparison.Ordinal))
            scalar.Value = Resolve(text, scalar);
        var children = node switch
        {
            YamlMappingNode map => map.Children.Values,
            YamlSequenceNode list => list.Children,
            _ => Enumerable.Empty<YamlNode>(),
        };
        foreach (var child in children)
            size = Math.Min(size + Visit(child), long.MaxValue / 4);
        _above.Remove(node);
        _sizes[node] = size;
        return size;
    }

    private string Resolve(string text, YamlScalarNode node)
    {
        var resolved = new StringBuilder();
        var position = 0;
        foreach (Match match in Reference.Matches(text))
        {
            resolved.Append(text, position, match.Index - position);
            position = match.Index + match.Length;
            // The first two alternatives are escapes, which later reading turns into what they stand for.
            resolved.Append(match.Groups["inner"].Success ? ValueOf(match.Groups["inner"].Value, node) : match.Value);
        }

        return resolved.Append(text, position, text.Length - position).ToString();
    }

    private string ValueOf(string inner, YamlScalarNode node)
    {
        var match = NameAndDefault.Match(inner);
        if (!match.Success)
        {
            problems.AddOnly(node, $"'${{env.{inner}}}' is not a name of an environment variable; write ${{env.NAME}} or ${{env.NAME:-default}}");
            return "";
        }

        var name = match.Groups["name"].Value;
        var isWhole = node.Style is YamlDotNet.Core.ScalarStyle.Plain && node.Value!.Length == inner.Length + "${env.}".Length;
        if (keep?.Invoke(new EnvironmentReference(name, match.Groups["default"] is { Success: true } other ? other.Value : null, isWhole)) is { } kept)
            return kept;
        var value = read(name);
        if (match.Groups["default"] is { Success: true } fallback)
            return TextTemplate.Escape(string.IsNullOrEmpty(value) ? fallback.Value : value);
        if (value is null)
            problems.AddOnly(node, $"environment variable '{name}' is not set; set it, or write ${{env.{name}:-default}}");
        return TextTemplate.Escape(value ?? "");
    }

    [GeneratedRegex(@"\$\$\{|\$\{\$\}|\$\{env\.(?<inner>[^}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference { get; }

    [GeneratedRegex(@"^(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>.*))?$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex NameAndDefault { get; }
}
