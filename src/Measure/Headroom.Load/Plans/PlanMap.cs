using Headroom.Measurements;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>A mapping of the plan file that remembers which keys were asked for, so that the others can be refused.</summary>
internal sealed class PlanMap
{
    private readonly string _what;
    private readonly PlanProblems _problems;
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    private PlanMap(YamlMappingNode node, string what, PlanProblems problems)
    {
        Node = node;
        _what = what;
        _problems = problems;
        foreach (var (key, value) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            _entries[name] = (key, value);
        }
    }

    public YamlMappingNode Node { get; }

    /// <summary>Null, and a problem, when the node is not a mapping.</summary>
    public static PlanMap? From(YamlNode node, string what, PlanProblems problems)
    {
        if (node is YamlMappingNode mapping)
            return new PlanMap(mapping, what, problems);
        problems.Add(node, $"{what} must be a mapping of keys to values; found {Kind(node)}");
        return null;
    }

    public bool Has(string key) => _entries.ContainsKey(key);

    public YamlNode? Value(string key)
    {
        if (!_known.Contains(key))
            _known.Add(key);
        return _entries.TryGetValue(key, out var entry) ? entry.Value : null;
    }

    public IEnumerable<(string Name, YamlNode Value)> Entries() => _entries.Select(entry => (entry.Key, entry.Value.Value));

    public string? Text(string key, bool required = false)
    {
        var node = Value(key);
        if (node is YamlScalarNode { Value.Length: > 0 } scalar)
            return scalar.Value;
        if (node is not null)
            _problems.Add(node, $"'{key}' must be text; found {Kind(node)}");
        else if (required)
            _problems.Add(Node, $"{_what} has no '{key}'");
        return null;
    }

    public double? Number(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        _problems.Add(Value(key)!, $"'{key}' must be a number; found '{text}'");
        return null;
    }

    public int? WholeNumber(string key, int min, int max)
    {
        if (Text(key) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        _problems.Add(Value(key)!, $"'{key}' must be a whole number from {min} to {max}; found '{text}'");
        return null;
    }

    public TimeSpan? Duration(string key, bool required = false) =>
        Duration(key, TimeSpan.Zero, LoadPlanValidation.DurationMax, required);

    public TimeSpan? Duration(string key, TimeSpan min, TimeSpan max, bool required = false)
    {
        if (Text(key, required) is not { } text)
            return null;
        if (Quantity.TryParseDuration(text, out var duration) && duration >= min && duration <= max)
            return duration;
        _problems.Add(Value(key)!, $"'{key}' must be a duration with its unit, such as 250ms, 10s or 1m30s, from {Quantity.Text(min)} to {Quantity.Text(max)}; found '{text}'");
        return null;
    }

    public string? Choice(string key, IReadOnlyList<string> allowed, bool required)
    {
        if (Text(key, required) is not { } text)
            return null;
        if (allowed.Contains(text))
            return text;
        _problems.Add(Value(key)!, $"'{key}' is '{text}'; allowed: {string.Join(", ", allowed)}{NearestName.Hint(text, allowed)}");
        return null;
    }

    public PlanMap? Map(string key) => Value(key) is { } node ? From(node, $"'{key}'", _problems) : null;

    public IReadOnlyList<YamlNode> Items(string key, bool required)
    {
        var node = Value(key);
        if (node is YamlSequenceNode sequence)
            return [.. sequence.Children];
        if (node is not null)
            _problems.Add(node, $"'{key}' must be a list; found {Kind(node)}");
        else if (required)
            _problems.Add(Node, $"{_what} has no '{key}'");
        return [];
    }

    /// <summary>Tells every key that nobody asked for. Keys in <paramref name="misplaced"/> get <paramref name="reason"/> instead of a spelling hint.</summary>
    public void RefuseUnknown(IReadOnlyList<string>? misplaced = null, string reason = "")
    {
        foreach (var (name, (key, _)) in _entries.Where(entry => !_known.Contains(entry.Key)))
        {
            _problems.Add(key, misplaced?.Contains(name) == true
                ? string.Format(CultureInfo.InvariantCulture, reason, name) + $"; allowed: {string.Join(", ", _known)}"
                : $"unknown key '{name}' in {_what}; allowed: {string.Join(", ", _known)}{NearestName.Hint(name, _known)}");
        }
    }

    private static string Kind(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };
}
