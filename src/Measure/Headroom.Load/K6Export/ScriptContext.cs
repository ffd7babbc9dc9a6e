using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Headroom.Load.Plans;

namespace Headroom.Load.K6Export;

/// <summary>What a text is put into, which decides how values are escaped.</summary>
internal enum TextPlace
{
    /// <summary>Where nothing is escaped: headers, bodies of text, constants.</summary>
    Plain,

    /// <summary>Path and query.</summary>
    Url,

    /// <summary>A JSON body.</summary>
    Json,
}

/// <summary>A script while it is made: what it needs beside itself, and what has to be told.</summary>
internal sealed partial class ScriptContext(PlanSource source, string name)
{
    /// <summary>Of a request that can come from anything; longer ones go into a file.</summary>
    public const int InlineBytesMax = 8 * 1024;

    /// <summary>2^53: the largest up to which JavaScript has every whole number.</summary>
    private const long ExactMax = 1L << 53;

    private readonly List<K6ScriptNote> _notes = [];
    private readonly List<K6ScriptFile> _files = [];
    private readonly HashSet<string> _taken = new(ScriptFunctions.Names.Concat(["options", "setup", "teardown", "handleSummary", "http", "check", "sleep", "exec", "encoding", "SharedArray", "open", "vars", "rows", "data", "response", "console", "encodeURIComponent", "partsOfSummary", "overview", "r", "Counter", SummaryWriter.SequenceTime, "begun"]), StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tags = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _required = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _requiredOfTarget = new(StringComparer.Ordinal);

    public LoadPlan Plan => source.Plan;

    /// <summary>What files are called after.</summary>
    public string Name => name;

    public IReadOnlyList<K6ScriptNote> Notes => _notes;

    public IReadOnlyList<K6ScriptFile> Files => _files;

    /// <summary>Functions that the script needs.</summary>
    public IEnumerable<string> UsedFunctions => _used;

    /// <summary>Environment variables without a default.</summary>
    public IReadOnlyCollection<string> RequiredEnvironment => _required;

    /// <summary>Those that only the target needs, and so nobody where BASE_URL is given.</summary>
    public IReadOnlyCollection<string> RequiredOfTarget => [.. _requiredOfTarget.Except(_required, StringComparer.Ordinal)];

    /// <summary>Requests that are no load (setup, teardown, warm-up) are kept out of the figures by a tag.</summary>
    public bool HasParts => HasSequences || Plan.Scenarios.Any(static scenario => scenario.WarmUp > TimeSpan.Zero);

    /// <summary>Whether something is sent before or after the load.</summary>
    public bool HasSequences => Plan.Setup.Count > 0 || Plan.Teardown.Count > 0;

    /// <summary>The target as an expression; null when no url is under it.</summary>
    public string? Target => source.Target is { } target && Plan.AllRequests().Any(request => IsUnderTarget(request.Url)) ? Expression(Pieces(target, TextPlace.Plain, _requiredOfTarget)) : null;

    public void Note(string place, string text)
    {
        var note = new K6ScriptNote(place, text);
        if (!_notes.Contains(note))
            _notes.Add(note);
    }

    public void TellEnvironment()
    {
        foreach (var reference in source.Environment.WrittenOut)
            Note($"${{env.{reference.Name}}}", "stands where a script cannot read the environment; the value that it has now is written");
    }

    /// <returns>The file's name, as <c>open</c> takes it.</returns>
    public string AddFile(string suffix, ReadOnlyMemory<byte> content)
    {
        var file = $"{name}.{suffix}";
        for (var number = 2; _files.Exists(other => other.Name == file); number++)
            file = string.Create(CultureInfo.InvariantCulture, $"{name}.{number}.{suffix}");
        _files.Add(new K6ScriptFile(file, content));
        return "./" + file;
    }

    /// <summary>Files that are opened when the script begins, the only time that k6 opens any.</summary>
    public List<string> OpenedFiles { get; } = [];

    /// <summary>A body that stands in a file, as an expression.</summary>
    public string OpenedBody(PlannedRequest request)
    {
        var constant = FreeName(request.Name + " body");
        OpenedFiles.Add($"const {constant} = open({Js.Text(AddFile(constant + ".bin", request.Body))}, 'b');");
        return constant;
    }

    /// <summary>A function of <see cref="ScriptFunctions"/>, which the script then has.</summary>
    public string Use(string function)
    {
        _used.Add(function);
        return function;
    }

    /// <summary>A name that nothing else in the script has.</summary>
    public string FreeName(string text)
    {
        var wanted = Js.FunctionName(Label(text));
        var free = wanted;
        for (var number = 2; !_taken.Add(free); number++)
            free = string.Create(CultureInfo.InvariantCulture, $"{wanted}{number}");
        return free;
    }

    /// <summary>A name of the plan.</summary>
    public string Label(string text) => source.Environment.Named(text).Replace(source.TargetMark, "", StringComparison.Ordinal);

    /// <summary>A name of the plan as it can stand in a comment.</summary>
    public string CommentText(string text) => Label(text).Replace("*/", "* /", StringComparison.Ordinal).ReplaceLineEndings(" ");

    /// <summary>A text that a script cannot read from its environment, with the values of now.</summary>
    public string Value(string text, string place)
    {
        if (source.Environment.IsIn(text))
            Note(place, $"the environment's value of now is written in place of '{Label(text)}'");
        return source.Environment.Resolved(text);
    }

    /// <summary>Whether a value of the environment stands in it.</summary>
    public bool HasEnvironment(string text) => source.Environment.IsIn(text);

    /// <summary>
    /// A label as k6 takes it in tags and selectors, which a comma and quotes would end (and <c>::</c> of checks would be a group). One of which nothing is left would be refused, and two that become the
    /// same would be counted together.
    /// </summary>
    public string Tag(string text)
    {
        var label = Label(text);
        if (_tags.TryGetValue(label, out var known))
            return known;
        var plain = NotInTags().Replace(label, static match => match.Value switch { "," => ";", "::" => ":", _ => "'" }).Trim('\'', ' ', '\t', '\r', '\n') is { Length: > 0 } left ? left : "-";
        var tag = plain;
        for (var number = 2; _tags.ContainsValue(tag); number++)
            tag = string.Create(CultureInfo.InvariantCulture, $"{plain} ({number})");
        if (tag != plain)
            Note($"'{label}'", $"is called '{tag}': it differs from another name only in commas, quotes or spaces at its ends, which k6's selectors do not take");
        _tags.Add(label, tag);
        return tag;
    }

    /// <summary>A text without variables of the plan as an expression.</summary>
    public string Constant(string text, TextPlace place = TextPlace.Plain) => Expression(Pieces(text, place));

    /// <summary>A text with variables as an expression.</summary>
    public string Template(TextTemplate template, TextPlace place) => Expression(Pieces(template, place));

    /// <summary>An address as an expression.</summary>
    public string Address(Uri url)
    {
        IEnumerable<ScriptPiece> origin = IsUnderTarget(url) ? [ScriptPiece.Of("BASE_URL")] : Pieces(url.OriginalString[..UrlTemplate.PathStart(url.OriginalString)], TextPlace.Plain);
        return Expression([.. origin, .. Pieces(Wire.RequestTemplate.ParseTarget(url), TextPlace.Url)]);
    }

    private bool IsUnderTarget(Uri url) => source.Target is not null && url.OriginalString.StartsWith(source.TargetMark, StringComparison.OrdinalIgnoreCase)
        && (url.OriginalString.Length == source.TargetMark.Length || url.OriginalString[source.TargetMark.Length] is '/' or '?' or '#');

    private IEnumerable<ScriptPiece> Pieces(TextTemplate template, TextPlace place) =>
        template.Parts.SelectMany(part => part.Literal is { } literal ? Pieces(literal, place) : [ScriptPiece.Of(Variable(part, place))]);

    private List<ScriptPiece> Pieces(string text, TextPlace place, SortedSet<string>? required = null)
    {
        var pieces = new List<ScriptPiece>();
        var parts = source.Environment.Split(text).ToList();
        for (var index = 0; index < parts.Count; index++)
        {
            if (parts[index].Reference is not { } reference)
            {
                pieces.Add(new ScriptPiece(parts[index].Literal!, null));
                continue;
            }

            if (reference.Default is null)
                (required ?? _required).Add(reference.Name);
            var value = reference.Default is { } other ? $"(__ENV.{reference.Name} || {Js.Text(other)})" : $"__ENV.{reference.Name}";
            if (place == TextPlace.Json && reference.IsPlain && index + 1 < parts.Count && pieces is [.., { Literal: [.. var before, '"'] }] && parts[index + 1].Literal is ['"', .. var behind])
            {
                // A plain scalar alone: without the quotes that were put around its mark.
                pieces[^1] = new ScriptPiece(before, null);
                parts[index + 1] = (behind, null);
                pieces.Add(ScriptPiece.Of($"{Use("plain")}({value})"));
            }
            else
                pieces.Add(ScriptPiece.Of(place switch { TextPlace.Url => $"{Use("inTarget")}({value})", TextPlace.Json => $"{Use("json")}({value})", _ => value }));
        }

        return pieces;
    }

    private static string Expression(IEnumerable<ScriptPiece> pieces)
    {
        var all = pieces.Where(static piece => piece.Literal != "").ToList();
        if (all.TrueForAll(static piece => piece.Literal is not null))
            return Js.Text(string.Concat(all.Select(static piece => piece.Literal)));

        // The numbers of k6 become text in a template only.
        if (all is [{ Code: { } only }] && !only.StartsWith("exec.", StringComparison.Ordinal) && !only.StartsWith("Date.", StringComparison.Ordinal) && !only.StartsWith("randomInt", StringComparison.Ordinal))
            return only;
        return $"`{string.Concat(all.Select(static piece => piece.Literal is { } literal ? Js.TemplateText(literal) : $"${{{Js.WithoutParentheses(piece.Code!)}}}"))}`";
    }

    private string Variable(TemplatePart part, TextPlace place)
    {
        switch (part.Kind)
        {
            case TemplateVariable.Vu:
                return "exec.vu.idInTest";
            case TemplateVariable.Iteration:
                return "exec.vu.iterationInScenario";
            case TemplateVariable.Uuid:
                return $"{Use("uuid")}()";
            case TemplateVariable.Timestamp:
                return "Date.now()";
            case TemplateVariable.Random:
                if (part.Min < -ExactMax || part.Max > ExactMax)
                    Note(string.Create(CultureInfo.InvariantCulture, $"${{random({part.Min},{part.Max})}}"), "JavaScript's numbers are exact to 9007199254740992: beyond it not every number comes, and some are rounded");
                return string.Create(CultureInfo.InvariantCulture, $"{Use("randomInt")}({part.Min}, {part.Max})");
        }

        var dot = part.Name.IndexOf('.', StringComparison.Ordinal);
        var value = dot < 0 ? "vars" + Js.Member(part.Name) : $"rows{Js.Member(part.Name[..dot])}{Js.Member(part.Name[(dot + 1)..])}";
        return (part.Filter, place) switch
        {
            (ValueFilter.Base64, _) => $"{Use("base64")}({value})",
            (ValueFilter.Url, _) or (ValueFilter.Default, TextPlace.Url) => $"{Use("encode")}({value})",
            (ValueFilter.Raw, TextPlace.Url) => $"{Use("inTarget")}({value})",
            (ValueFilter.Json, TextPlace.Url) => $"{Use("inTarget")}({Use("json")}({value}))",
            (ValueFilter.Json, _) or (ValueFilter.Default, TextPlace.Json) => $"{Use("json")}({value})",
            _ => value,
        };
    }

    [GeneratedRegex("::|[,\"]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotInTags();
}

/// <summary>A stretch of a text: literal, or the code that makes it.</summary>
internal readonly record struct ScriptPiece(string? Literal, string? Code)
{
    public static ScriptPiece Of(string code) => new(null, code);
}
