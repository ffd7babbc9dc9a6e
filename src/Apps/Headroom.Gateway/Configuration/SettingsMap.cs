using System.Globalization;
using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Gateway.Configuration;

/// <summary>A mapping of gateway.yaml: reads values with their bounds, tells what is out of form, and remembers which keys were asked for, so that the others can be refused.</summary>
internal sealed class SettingsMap
{
    private readonly string _what;
    private readonly SettingsProblems _problems;
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    private SettingsMap(YamlMappingNode node, string what, SettingsProblems problems)
    {
        Node = node;
        _what = what;
        _problems = problems;
        foreach (var (key, value) in node.Children)
            _entries[(key as YamlScalarNode)?.Value ?? ""] = (key, value);
    }

    public YamlMappingNode Node { get; }

    /// <summary>Null, and a problem, when the node is not a mapping.</summary>
    public static SettingsMap? From(YamlNode node, string what, SettingsProblems problems)
    {
        if (node is YamlMappingNode mapping)
            return new SettingsMap(mapping, what, problems);
        problems.Add(node, $"{what} must be a mapping of keys to values; found {Kind(node)}");
        return null;
    }

    public YamlNode? Value(string key)
    {
        if (!_known.Contains(key))
            _known.Add(key);
        return _entries.TryGetValue(key, out var entry) ? entry.Value : null;
    }

    public SettingsMap? Map(string key) => Value(key) is { } node ? From(node, $"'{key}'", _problems) : null;

    /// <summary>A list, or one value that stands for a list of one.</summary>
    public IReadOnlyList<YamlNode>? OneOrMore(string key) => Value(key) switch
    {
        null => null,
        YamlSequenceNode sequence => [.. sequence.Children],
        { } single => [single],
    };

    public string? Text(string key)
    {
        var node = Value(key);
        if (node is YamlScalarNode { Value.Length: > 0 } scalar)
            return scalar.Value;
        if (node is not null)
            _problems.Add(node, $"'{key}' must be text; found {Kind(node)}");
        return null;
    }

    /// <summary>A list of texts, or one text; null when the key is absent.</summary>
    public IReadOnlyList<(string Text, YamlNode Node)>? Texts(string key)
    {
        if (OneOrMore(key) is not { } nodes)
            return null;
        var texts = new List<(string, YamlNode)>();
        foreach (var node in nodes)
        {
            if (node is YamlScalarNode { Value.Length: > 0 } scalar)
                texts.Add((scalar.Value, node));
            else
                _problems.Add(node, $"'{key}' must hold texts; found {Kind(node)}");
        }

        return texts;
    }

    public bool? Flag(string key) => Parse<bool>(key, "on or off", text => text switch { "true" or "on" => true, "false" or "off" => false, _ => null });

    /// <summary>Every key and where it stands, for mappings whose keys are values themselves.</summary>
    public IEnumerable<(string Name, YamlNode Key)> Names() => _entries.Select(entry => (entry.Key, entry.Value.Key));

    public int? WholeNumber(string key, int min, int max) => Parse<int>(
        key,
        $"a whole number from {min} to {max}",
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null);

    public long? Bytes(string key, long min, long max) => Parse<long>(
        key,
        $"a size such as 10MB (B, kB, MB, GB, KiB, MiB, GiB) from {min} to {max} bytes",
        text => Quantity.TryParseBytes(text, out var bytes) && bytes >= min && bytes <= max ? bytes : null);

    public TimeSpan? Duration(string key, TimeSpan min, TimeSpan max) => Parse<TimeSpan>(
        key,
        $"a duration with its unit, such as 250ms, 10s or 1m30s, from {Quantity.Text(min)} to {Quantity.Text(max)}",
        text => Quantity.TryParseDuration(text, out var duration) && duration >= min && duration <= max ? duration : null);

    /// <summary>One of some words, each with what it stands for.</summary>
    public T? Choice<T>(string key, params ReadOnlySpan<(string Word, T Value)> allowed)
        where T : struct
    {
        if (Text(key) is not { } text)
            return null;
        var words = new List<string>();
        foreach (var (word, value) in allowed)
        {
            if (word == text)
                return value;
            words.Add(word);
        }

        _problems.Add(Value(key)!, $"'{key}' is '{text}'; allowed: {string.Join(", ", words)}{NearestName.Hint(text, words)}");
        return null;
    }

    /// <summary>Tells every key that nobody asked for.</summary>
    public void RefuseUnknown()
    {
        foreach (var (name, (key, _)) in _entries.Where(entry => !_known.Contains(entry.Key)))
            _problems.Add(key, $"unknown key '{name}' in {_what}; allowed: {string.Join(", ", _known)}{NearestName.Hint(name, _known)}");
    }

    public static string Kind(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };

    private T? Parse<T>(string key, string form, Func<string, T?> parse)
        where T : struct
    {
        if (Text(key) is not { } text)
            return null;
        if (parse(text) is { } value)
            return value;
        _problems.Add(Value(key)!, $"'{key}' must be {form}; found '{text}'");
        return null;
    }
}
