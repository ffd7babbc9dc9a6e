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

    /// <summary>Where a key stands.</summary>
    public YamlNode Key(string key) => _entries[key].Key;

    /// <summary>A list, or one value that stands for a list of one.</summary>
    public IReadOnlyList<YamlNode> OneOrMore(string key) => Value(key) switch
    {
        null => [],
        YamlSequenceNode sequence => [.. sequence.Children],
        { } single => [single],
    };

    /// <summary>A list of texts, or one text.</summary>
    public IReadOnlyList<(string Text, YamlNode Node)> Names(string key)
    {
        var names = new List<(string, YamlNode)>();
        foreach (var node in OneOrMore(key))
        {
            if (node is YamlScalarNode { Value.Length: > 0 } scalar)
                names.Add((PlainText(scalar), node));
            else
                _problems.Add(node, $"'{key}' must hold names; found {Kind(node)}");
        }

        return names;
    }

    public string? Text(string key, bool required = false)
    {
        var node = Value(key);
        if (node is YamlScalarNode { Value.Length: > 0 } scalar)
            return PlainText(scalar);
        if (node is not null)
            _problems.Add(node, $"'{key}' must be text; found {Kind(node)}");
        else if (required)
            _problems.Add(Node, $"{_what} has no '{key}'");
        return null;
    }

    /// <summary>Text that may hold variables, as it stands.</summary>
    public string? Template(string key, bool required = false) => Text(key, required) is null ? null : ((YamlScalarNode)Value(key)!).Value;

    /// <summary>A scalar's text where variables mean nothing. Dollar signs of the environment's values were escaped when those were put in.</summary>
    public static string PlainText(YamlScalarNode scalar) => (scalar.Value ?? "").Replace("${$}", "$", StringComparison.Ordinal);

    public bool? Flag(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (text is "true" or "false")
            return text == "true";
        _problems.Add(Value(key)!, $"'{key}' must be true or false; found '{text}'");
        return null;
    }

    /// <summary>A number of bytes with its unit.</summary>
    public long? Bytes(string key, long min, long max)
    {
        if (Text(key) is not { } text)
            return null;
        if (Quantity.TryParseBytes(text, out var bytes) && bytes >= min && bytes <= max)
            return bytes;
        _problems.Add(Value(key)!, $"'{key}' must be a size such as 1MB (B, kB, MB, GB, KiB, MiB, GiB) from {min}B to {max}B; found '{text}'");
        return null;
    }

    /// <summary>A fixed time, or a mapping that says how times are spread.</summary>
    public ThinkTime? ThinkTime(string key)
    {
        if (Value(key) is not YamlMappingNode node)
            return Duration(key) is { } time ? Load.ThinkTime.Fixed(time) : null;
        var map = From(node, $"'{key}'", _problems)!;
        var exponential = map.Duration("exponential");
        if (map.Has("exponential"))
        {
            map.RefuseUnknown(["min", "max"], "'{0}' does not go with 'exponential'");
            return exponential is { } mean ? Load.ThinkTime.Exponential(mean) : null;
        }

        var (min, max) = (map.Duration("min", required: true), map.Duration("max", required: true));
        map.RefuseUnknown();
        if (min > max)
            _problems.Add(map.Value("min")!, $"'min' is longer than 'max'; write the shorter one as 'min'");
        return min <= max ? Load.ThinkTime.Uniform(min.Value, max.Value) : null;
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

    public int? WholeNumber(string key, int min, int max, bool required = false)
    {
        if (Text(key, required) is not { } text)
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

    public static string Kind(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };
}
