using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Sessions;
using Headroom.Measurements.Comparison;

namespace Headroom.Cli.Compare;

/// <summary>What the person asked for, checked and typed.</summary>
internal sealed record CompareRequest
{
    /// <summary>Run files, folders of them, or one session file.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    public required IReadOnlyList<string> Before { get; init; }

    public required IReadOnlyList<string> After { get; init; }

    public required ComparisonOptions Judging { get; init; }

    /// <summary>Whether being worse makes the command fail.</summary>
    public bool Gate { get; init; }

    public required SessionOutputs Outputs { get; init; }

    /// <summary>What to measure; null when the runs are stored ones.</summary>
    public SessionRequest? Session { get; init; }
}

/// <summary>The options of <c>headroom compare</c>, as the parser knows them.</summary>
internal sealed class CompareOptions
{
    private const int DefaultPairs = 10;

    private readonly Argument<string[]> _sources = new("FILE|PLAN")
    {
        Description = "Stored runs: BEFORE AFTER, and so on in pairs; or two folders of run files; or one session file, to be judged again. With --run the plan.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _run = new("--run") { Description = "Measure both sides now, in blocks of random order: --run --before COMMAND|URL --after COMMAND|URL PLAN." };
    private readonly Option<string[]> _before = Options.Many("--before", "COMMAND|URL|FILE", "With --run: what starts the first side, with {port} or {url} where its address goes; or where it runs. Else a run file; repeatable.", NotEmpty("--before"));
    private readonly Option<string[]> _after = Options.Many("--after", "COMMAND|URL|FILE", "The same of the second side.", NotEmpty("--after"));
    private readonly Option<bool> _noControl = new("--no-control") { Description = "Do not measure the first side against itself: a third less time, and nothing to tell noise by." };
    private readonly Option<double?> _failIfWorse = Options.Percent("--fail-if-worse", "Exit with 1 when a metric that may decide is worse by more than this.", RunComparison.ThresholdMin, RunComparison.ThresholdMax);
    private readonly Option<double?> _threshold = Options.Percent("--threshold", "The smallest change that matters, without failing. Default 5%.", RunComparison.ThresholdMin, RunComparison.ThresholdMax);
    private readonly SessionOptions _session = new("--pairs", "Pairs of runs, 6 to 200. Default 10; 6 is the least that can decide anything.");
    private readonly SessionOutputOptions _outputs = new();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_sources);
        foreach (var option in new Option[] { _run, _before, _after, _failIfWorse, _threshold, _noControl })
            command.Options.Add(option);
        _session.AddTo(command);
        _outputs.AddTo(command);
        _sources.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
    }

    public CompareRequest Read(ParseResult result)
    {
        var (gate, threshold) = (result.GetValue(_failIfWorse), result.GetValue(_threshold));
        if (gate is not null && threshold is not null)
            throw new UsageException("--fail-if-worse and --threshold are both given; --fail-if-worse sets the threshold, too");
        var isRun = result.GetValue(_run);
        if (!isRun && (result.GetValue(_noControl) ? ["--no-control"] : _session.Given(result)) is { Count: > 0 } given)
            throw new UsageException($"{string.Join(" and ", given)} {(given.Count > 1 ? "say" : "says")} how to measure; add --run, or leave {(given.Count > 1 ? "them" : "it")} out to judge stored runs");
        return new CompareRequest
        {
            Session = isRun ? ReadSession(result) : null,
            Sources = result.GetValue(_sources) ?? [],
            Before = result.GetValue(_before) ?? [],
            After = result.GetValue(_after) ?? [],
            Judging = new ComparisonOptions { Threshold = gate ?? threshold ?? ComparisonOptions.DefaultThreshold },
            Gate = gate is not null,
            Outputs = _outputs.Read(result),
        };
    }

    private SessionRequest ReadSession(ParseResult result)
    {
        var before = One(result.GetValue(_before), "--before");
        var after = One(result.GetValue(_after), "--after");
        if (result.GetValue(_sources) is not [var plan])
            throw new UsageException("--run takes one plan: headroom compare --run --before COMMAND --after COMMAND PLAN");
        if (plan.Contains("://", StringComparison.Ordinal))
            throw new UsageException($"'{plan}' is an address; --run takes a plan, whose paths are sent to both sides (docs/plans.md)");
        List<Variant> variants = [Variant.Parse("--before", SessionFile.BeforeVariant, before), Variant.Parse("--after", SessionFile.AfterVariant, after)];
        if (!result.GetValue(_noControl))
            variants.Add(variants[0] with { Name = SessionFile.ControlVariant });
        return _session.Read(result, plan, variants, new SessionOptions.Defaults(DefaultPairs, TakesTurns: true));
    }

    private static string One(string[]? given, string option) => given switch
    {
        null or [] => throw new UsageException($"{option} is missing: the command that starts that side, with {{port}} or {{url}} where its address goes, or the address where it runs"),
        [var one] => one,
        _ => throw new UsageException($"{option} is given {given.Length} times; --run measures one of each side"),
    };

    private static Func<string, string?> NotEmpty(string option) => text => string.IsNullOrWhiteSpace(text) ? $"{option} is empty; write a file, a command or an address" : null;
}
