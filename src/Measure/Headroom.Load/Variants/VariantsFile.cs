using Headroom.Load.Plans;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Variants;

/// <summary>Reads files that say which variants of an API there are (docs/ablate.md).</summary>
public static class VariantsFile
{
    /// <summary>More switches than this would take hours to measure.</summary>
    public const int SwitchesMax = 50;

    /// <summary>Reads a variants file; <c>${env.NAME}</c> takes values from the environment.</summary>
    /// <exception cref="LoadPlanException">There is no such file, or it has mistakes; all of them are told, each with its line and column.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static VariantSet Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new LoadPlanException([new PlanProblem(path, 0, 0, Directory.Exists(path) ? "is a folder; name the variants file in it" : "there is no such file")]);
        return Parse(File.ReadAllText(path), path, Environment.GetEnvironmentVariable);
    }

    internal static VariantSet Parse(string text, string source, Func<string, string?> environment)
    {
        var problems = new PlanProblems(source);
        var set = PlanDocument.Load(text, problems, environment, "the variants file", "a variants file has at least 'command' and 'switches'") is { } map ? Read(map, problems) : null;
        return problems.Count == 0 ? set! : throw new LoadPlanException(problems.InOrder());
    }

    private static VariantSet? Read(PlanMap map, PlanProblems problems)
    {
        var name = map.Text("name");
        var command = map.Text("command", required: true);
        var ready = map.Text("ready");
        var variables = Variables(map, problems);
        var switches = map.Value("switches") is null ? null : map.Map("switches");
        if (!map.Has("switches"))
            problems.Add(map.Node, "the variants file has no 'switches': each has a name and what turns it on, 'environment' or 'arguments'");
        map.RefuseUnknown();
        if (ready is not null && !ready.StartsWith('/'))
            problems.Add(map.Value("ready")!, $"'ready' must be a path that begins with /, such as /health; found '{ready}'");
        List<VariantSwitch> read = [.. (switches?.Entries() ?? []).Select(entry => ReadSwitch(entry.Name, entry.Value, problems)).OfType<VariantSwitch>()];
        if (switches is not null && read.Count is 0 or > SwitchesMax)
            problems.Add(switches.Node, $"'switches' has {read.Count} switches; 1 to {SwitchesMax} can be measured");
        return command is null ? null : new VariantSet { Name = name, Command = command, Ready = ready, Environment = variables, Switches = read };
    }

    private static VariantSwitch? ReadSwitch(string name, YamlNode node, PlanProblems problems)
    {
        if (PlanMap.From(node, $"switch '{name}'", problems) is not { } map)
            return null;
        var on = ReadState(map, problems);
        var off = map.Map("off") is { } offMap ? ReadState(offMap, problems, isWhole: true) : new SwitchState();
        map.RefuseUnknown();
        if (on.Environment.Count == 0 && on.Arguments is null)
            problems.Add(map.Node, $"switch '{name}' changes nothing; write 'environment: {{ NAME: value }}' or 'arguments: --option', for when it is on");
        return new VariantSwitch { Name = name, On = on, Off = off };
    }

    private static SwitchState ReadState(PlanMap map, PlanProblems problems, bool isWhole = false)
    {
        var state = new SwitchState { Environment = Variables(map, problems), Arguments = map.Text("arguments") };
        if (isWhole)
            map.RefuseUnknown();
        return state;
    }

    private static Dictionary<string, string> Variables(PlanMap map, PlanProblems problems)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, node) in map.Map("environment")?.Entries() ?? [])
        {
            if (node is YamlScalarNode scalar)
                variables[name] = PlanMap.PlainText(scalar);
            else
                problems.Add(node, $"'{name}' must be text; found {PlanMap.Kind(node)}");
        }

        return variables;
    }
}

/// <summary>One API with switches that can be on or off.</summary>
public sealed record VariantSet
{
    /// <summary>What to call it; null when the file does not say.</summary>
    public string? Name { get; init; }

    /// <summary>Starts it with every switch as its own state says, with <c>{port}</c> or <c>{url}</c> where its address goes.</summary>
    public required string Command { get; init; }

    /// <summary>Path that answers when it is ready; null when the file does not say.</summary>
    public string? Ready { get; init; }

    /// <summary>Variables of every variant.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public required IReadOnlyList<VariantSwitch> Switches { get; init; }
}

/// <summary>Something that can be turned on and off.</summary>
public sealed record VariantSwitch
{
    public required string Name { get; init; }

    public required SwitchState On { get; init; }

    /// <summary>Empty when it is off by itself.</summary>
    public SwitchState Off { get; init; } = new();
}

/// <summary>What a switch adds to the command.</summary>
public sealed record SwitchState
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Put behind the command, for the shell.</summary>
    public string? Arguments { get; init; }
}
