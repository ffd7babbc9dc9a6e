using Headroom.Load.K6Export;

namespace Headroom.Load;

/// <summary>
/// A plan as a script that k6 (2.x, or 1.x) runs: the same scenarios, thresholds, checks, weights, feeders and extractions. What k6 does in another way is told in <see cref="Notes"/> and
/// at the head of the script; docs/distributed.md says what differs whatever the plan.
/// </summary>
/// <param name="Text">The script, JavaScript.</param>
/// <param name="Notes">What could not be carried over exactly, in the plan's order.</param>
/// <param name="Files">Files that the script opens, to be written beside it.</param>
public sealed record K6Script(string Text, IReadOnlyList<K6ScriptNote> Notes, IReadOnlyList<K6ScriptFile> Files)
{
    /// <summary>Files that the plan names: neither the script nor one of <see cref="Files"/> may be written over them.</summary>
    public IReadOnlyList<string> SourceFiles { get; init; } = [];

    /// <summary>From a plan file. Variables of the environment stay variables of the script's environment, <c>__ENV</c>, wherever a script can read them.</summary>
    /// <param name="text">The plan (docs/plans.md).</param>
    /// <param name="source">Names it in errors and at the head of the script.</param>
    /// <param name="folder">Files in it are relative to this one.</param>
    /// <param name="name">What the script's files are called after: letters, digits, dots, hyphens and underscores.</param>
    /// <param name="baseUrl">Replaces the plan's <c>target</c> as the default of <c>BASE_URL</c>.</param>
    /// <param name="environment">Values of environment variables, for where a script cannot read them; null where one is not set.</param>
    /// <exception cref="Plans.LoadPlanException">The plan has mistakes; all of them are told, each with its line and column.</exception>
    public static K6Script FromFile(string text, string source, string folder, string name, Uri? baseUrl, Func<string, string?> environment)
    {
        var read = PlanSource.Read(text, source, folder, baseUrl, environment);
        return new ScriptWriter(new ScriptContext(read, name)).Write(source);
    }

    /// <summary>From a plan built in code.</summary>
    /// <param name="plan">The plan; <see cref="LoadPlan.Validate"/> finds nothing in it.</param>
    /// <param name="name">As with <see cref="FromFile"/>.</param>
    public static K6Script FromPlan(LoadPlan plan, string name)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new ScriptWriter(new ScriptContext(PlanSource.Of(plan), name)).Write($"the plan '{plan.Name}'");
    }
}

/// <summary>Something that k6 does in another way, or not at all.</summary>
/// <param name="Place">Where in the plan: <c>request 'send'</c>.</param>
/// <param name="Text">What it is, and what the script does instead.</param>
public sealed record K6ScriptNote(string Place, string Text)
{
    /// <summary>The note on one line: place and text.</summary>
    public override string ToString() => $"{Place}: {Text}";
}

/// <summary>A file beside the script.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Content">Its bytes.</param>
public sealed record K6ScriptFile(string Name, ReadOnlyMemory<byte> Content);
