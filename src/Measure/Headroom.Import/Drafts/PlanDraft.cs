using System.Globalization;
using System.Text.RegularExpressions;

namespace Headroom.Import.Drafts;

/// <summary>The plan while it is made.</summary>
internal sealed partial class PlanDraft(ImportOptions options)
{
    private readonly List<ImportNote> _notes = [];
    private readonly List<ImportedFile> _files = [];

    public ImportOptions Options => options;

    /// <summary>Lines at the head of the plan: where it comes from.</summary>
    public List<string> Head { get; } = [];

    /// <summary>What the source says; <see cref="ImportOptions.Target"/> goes before it.</summary>
    public string? Target { get; set; }

    /// <summary>Of the whole plan: <c>redirects</c>, <c>cookies</c>, ….</summary>
    public DraftMap Settings { get; } = new();

    /// <summary>Sent with every request.</summary>
    public DraftMap Headers { get; } = new();

    public DraftMap Variables { get; } = new();

    public DraftMap Feeders { get; } = new();

    public List<RequestDraft> Setup { get; } = [];

    public List<RequestDraft> Teardown { get; } = [];

    public List<RequestDraft> Requests { get; } = [];

    public List<FlowDraft> Flows { get; } = [];

    public DraftMap Scenarios { get; } = new();

    public DraftMap Thresholds { get; } = new();

    /// <summary>Secrets of the source, each behind the name of an environment variable.</summary>
    public Secrets Secrets { get; } = new();

    /// <param name="line">In the source, from 1; 0 for the whole of it.</param>
    /// <param name="text">What was guessed.</param>
    public void Guess(int line, string text) => _notes.Add(new ImportNote(ImportNoteKind.Guess, Place(line), text));

    /// <param name="line">In the source, from 1; 0 for the whole of it.</param>
    /// <param name="text">What is not in the plan.</param>
    public void LeftOut(int line, string text) => _notes.Add(new ImportNote(ImportNoteKind.LeftOut, Place(line), text));

    /// <returns>Its name, as the plan writes it.</returns>
    public string AddFile(string suffix, string text)
    {
        var name = $"{options.Name}.{suffix}";
        _files.Add(new ImportedFile(name, text));
        return name;
    }

    public ImportException Error(int line, string text) => new($"{Place(line)}: {text}");

    /// <summary>Of what a reader of text could not go on behind, which it tells as the line, a colon and a sentence.</summary>
    public ImportException Error(FormatException told)
    {
        var colon = told.Message.IndexOf(':', StringComparison.Ordinal);
        return Error(int.Parse(told.Message.AsSpan(0, colon), CultureInfo.InvariantCulture), told.Message[(colon + 1)..]);
    }

    public ImportedPlan Finish()
    {
        var plan = new DraftMap().Add("name", options.Name);
        if ((options.Target?.OriginalString ?? Target) is { } target)
            plan.Add("target", target);
        foreach (var (key, value, comments) in Settings.Entries)
            plan.Add(key, value, comments);
        foreach (var (name, header, meaning) in Secrets.Described)
            Head.Add($"{name}: environment variable with the {meaning} of the source ({header}), which is not written here.");
        plan.Add("headers", Headers)
            .Add("vars", Variables)
            .Add("feeders", Feeders)
            .Add("setup", Listed(Setup))
            .Add("requests", Listed(Requests));
        var flows = new DraftMap();
        foreach (var flow in Flows)
            flows.Add(flow.Name, flow.Weight is { } weight ? new DraftMap().Add("weight", weight).Add("steps", flow.Steps) : flow.Steps, flow.Comments);
        plan.Add("flows", flows)
            .Add("teardown", Listed(Teardown))
            .Add("scenarios", Scenarios)
            .Add("thresholds", Thresholds);
        var yaml = DraftWriter.Write(plan, Head);
        return new ImportedPlan(yaml, _notes, _files, [.. Secrets.Described.Select(static secret => secret.Name).Concat(Needed(yaml)).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Variables of the environment that the plan cannot do without; a shell's and a script's are among them.</summary>
    private static IEnumerable<string> Needed(string yaml) => yaml.Split('\n').Where(static line => !line.AsSpan().TrimStart().StartsWith("#"))
        .SelectMany(static line => WithoutDefault().Matches(line)).Select(static match => match.Groups["name"].Value);

    private static DraftList Listed(List<RequestDraft> requests)
    {
        var list = new DraftList();
        var waiting = new List<DraftComment>();
        foreach (var request in requests)
        {
            waiting.AddRange(request.Comments);
            if (request.IsDisabled)
                waiting.AddRange(DraftWriter.Lines(new DraftList().Add(request.ToNode())).Select(static line => new DraftComment(line, IsYaml: true)));
            else
            {
                list.Add(request.ToNode(), waiting);
                waiting = [];
            }
        }

        list.Trailing.AddRange(waiting);
        return list;
    }

    [GeneratedRegex(@"(?<!\$)\$\{env\.(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WithoutDefault();

    private string Place(int line) => line > 0 ? FormattableString.Invariant($"{options.Source}:{line}") : options.Source;
}
