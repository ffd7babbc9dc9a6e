using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Load.Plans;

namespace Headroom.Load.K6Export;

/// <summary>A plan with marks where the environment's values and the plan's target go, which a script reads when it runs.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Target">Text that stands before relative urls, with marks; null when no url is relative.</param>
/// <param name="TargetMark">Scheme and host that stand for it in urls.</param>
/// <param name="Environment">What the marks stand for.</param>
internal sealed record PlanSource(LoadPlan Plan, string? Target, string TargetMark, MarkedEnvironment Environment)
{
    /// <exception cref="LoadPlanException">The plan has mistakes.</exception>
    public static PlanSource Read(string text, string source, string folder, Uri? baseUrl, Func<string, string?> environment)
    {
        var nonce = 0;
        while (text.Contains(MarkedEnvironment.PrefixOf(nonce), StringComparison.OrdinalIgnoreCase))
            nonce++;
        var marks = new MarkedEnvironment(nonce, environment);
        var targetMark = $"http://{MarkedEnvironment.PrefixOf(nonce)}target.invalid";

        // As a run would read it: its mistakes are told, not those that marks make. A target that is not known yet is none.
        var mistakes = MistakesOf(baseUrl);
        if (mistakes.Count > 0 && text.Contains("${env.", StringComparison.Ordinal))
            mistakes = MistakesOf(new Uri(targetMark));
        if (mistakes.Count > 0)
            throw new LoadPlanException(AsRunsTell(mistakes));
        if (TryRead(marks) is { } whole)
            return whole;

        // Somewhere a mark cannot stand, such as in a number: there the value of now is written.
        for (var index = 0; index < marks.References.Count; index++)
        {
            var alone = new MarkedEnvironment(nonce, environment);
            alone.WriteOut(Enumerable.Range(0, marks.References.Count).Except([index]));
            if (TryRead(alone) is null)
                marks.WriteOut([index]);
        }

        return TryRead(marks) ?? throw new InvalidOperationException("A plan that can be read could not be read with its environment left out.");

        IReadOnlyList<PlanProblem> MistakesOf(Uri? target)
        {
            var plain = new PlanReader(source, folder, target, environment) { Keep = reference => MarkedEnvironment.InsteadOfUnset(reference, environment) };
            plain.Read(text, out var found);
            return found;
        }

        // Where what stands for a variable is the mistake, as at the beginning of a url, a run says which variable is not set.
        IReadOnlyList<PlanProblem> AsRunsTell(IReadOnlyList<PlanProblem> found)
        {
            new PlanReader(source, folder, baseUrl ?? new Uri(targetMark), environment).Read(text, out var told);
            return [.. found.Select(mistake => told.FirstOrDefault(other => (other.Line, other.Column) == (mistake.Line, mistake.Column)) ?? mistake)];
        }

        PlanSource? TryRead(MarkedEnvironment marked)
        {
            var reader = new PlanReader(source, folder, new Uri(targetMark), environment) { Keep = marked.Mark };
            marked.Begin();
            var plan = reader.Read(text, out var problems);
            return problems.Count == 0 ? new PlanSource(plan!, baseUrl?.OriginalString ?? reader.Target, targetMark, marked) : null;
        }
    }

    public static PlanSource Of(LoadPlan plan)
    {
        // Without a file nothing says which part of the addresses is the target: it is what most of them begin with.
        var target = plan.AllRequests().GroupBy(static request => Origin(request.Url)).OrderByDescending(static group => group.Count()).First().Key;
        return new PlanSource(plan, target, target, new MarkedEnvironment(0, static _ => null));
    }

    private static string Origin(Uri url) => url.OriginalString[..UrlTemplate.PathStart(url.OriginalString)];
}

/// <summary>Words that stand in a plan for values of the environment, made of what no escaping touches.</summary>
internal sealed partial class MarkedEnvironment(int nonce, Func<string, string?> values)
{
    // A script is written where the secrets of its runs are not.
    private const string Unset = "not-set";

    private readonly List<EnvironmentReference> _references = [];
    private readonly HashSet<int> _writtenOut = [];
    private readonly string _prefix = PrefixOf(nonce);

    /// <summary>Every place of the plan that names a variable, in a fixed order.</summary>
    public IReadOnlyList<EnvironmentReference> References => _references;

    /// <summary>Those whose values of now are written in the script.</summary>
    public IEnumerable<EnvironmentReference> WrittenOut => _writtenOut.Order().Select(index => _references[index]);

    public static string PrefixOf(int nonce) => string.Create(CultureInfo.InvariantCulture, $"hdrmenv{nonce}q");

    public void Begin() => _references.Clear();

    public void WriteOut(IEnumerable<int> indexes) => _writtenOut.UnionWith(indexes);

    /// <summary>The next place's mark; null where its value is written.</summary>
    public string? Mark(EnvironmentReference reference)
    {
        var index = _references.Count;
        _references.Add(reference);
        return _writtenOut.Contains(index) ? InsteadOfUnset(reference, values) : string.Create(CultureInfo.InvariantCulture, $"{_prefix}{index}x");
    }

    public bool IsIn(string text) => text.Contains(_prefix, StringComparison.Ordinal);

    /// <summary>The text in stretches: literal ones, and references.</summary>
    public IEnumerable<(string? Literal, EnvironmentReference? Reference)> Split(string text)
    {
        var position = 0;
        foreach (var match in Marks().Matches(text).Where(match => match.Groups["nonce"].ValueSpan.SequenceEqual(nonce.ToString(CultureInfo.InvariantCulture))))
        {
            if (match.Index > position)
                yield return (text[position..match.Index], null);
            yield return (null, _references[int.Parse(match.Groups["index"].ValueSpan, CultureInfo.InvariantCulture)]);
            position = match.Index + match.Length;
        }

        if (position < text.Length)
            yield return (text[position..], null);
    }

    /// <summary>The text with the values of now.</summary>
    public string Resolved(string text) => string.Concat(Split(text).Select(part => part.Literal ?? (values(part.Reference!.Name) is { Length: > 0 } value ? value : part.Reference.Default ?? Unset)));

    /// <summary>The text as a name: with defaults, and without values of now, which may be secrets.</summary>
    public string Named(string text) => string.Concat(Split(text).Select(static part => part.Literal ?? part.Reference!.Default ?? $"${{env.{part.Reference.Name}}}"));

    /// <summary>What stands in a plan for a variable that is needed and not set; null where it is set, or has a default.</summary>
    public static string? InsteadOfUnset(EnvironmentReference reference, Func<string, string?> values) => reference.Default is null && values(reference.Name) is null ? Unset : null;

    [GeneratedRegex("hdrmenv(?<nonce>[0-9]+)q(?<index>[0-9]+)x", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Marks();
}
