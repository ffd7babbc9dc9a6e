namespace Headroom.Measurements.Comparison;

/// <summary>
/// Everything that a session of several variants measured, run by run, and what was concluded from it: the contract <c>headroom-session/1</c> (docs/compare.md). What was concluded can be
/// computed again from the runs.
/// </summary>
public sealed record SessionFile
{
    /// <summary>The schema this build writes.</summary>
    public const string CurrentSchema = "headroom-session/1";

    /// <summary>Name of the first side in a comparison.</summary>
    public const string BeforeVariant = "before";

    public const string AfterVariant = "after";

    /// <summary>The first side a second time: a process of its own.</summary>
    public const string ControlVariant = "control";

    public string Schema { get; init; } = CurrentSchema;

    public required string Title { get; init; }

    /// <summary>When the session began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Of the order in the blocks.</summary>
    public required int Seed { get; init; }

    /// <summary>True when it was stopped before its last block; only whole blocks are kept.</summary>
    public bool Interrupted { get; init; }

    public required IReadOnlyList<SessionVariant> Variants { get; init; }

    /// <summary>In the order in which they were made. A block has one of each variant.</summary>
    public required IReadOnlyList<SessionRun> Runs { get; init; }

    /// <summary>Of a session with a before and an after.</summary>
    public ComparisonResult? Comparison { get; init; }

    /// <summary>Of a session of switches.</summary>
    public AblationResult? Ablation { get; init; }

    /// <summary>The runs of a variant, by block.</summary>
    public IReadOnlyList<RunFile> RunsOf(string variant) =>
        [.. Runs.Where(run => run.Variant == variant).OrderBy(run => run.Block).Select(run => run.Run)];

    /// <summary>The pairs of a comparison: one of each block.</summary>
    /// <exception cref="ArgumentException">A block lacks one of them.</exception>
    public IReadOnlyList<RunPair> Pairs(string before = BeforeVariant, string after = AfterVariant, string? control = ControlVariant)
    {
        var (first, second) = (RunsOf(before), RunsOf(after));
        var again = control is not null && Variants.Any(variant => variant.Name == control) ? RunsOf(control) : null;
        if (first.Count != second.Count || (again is not null && again.Count != first.Count))
            throw new ArgumentException($"There are {first.Count} runs of '{before}' and {second.Count} of '{after}'{(again is null ? "" : $", {again.Count} of '{control}'")}; a block has one of each.", nameof(before));
        return [.. first.Zip(second, (one, other) => (one, other)).Select((pair, i) => new RunPair(pair.one, pair.other, again?[i]))];
    }
}

/// <summary>What was measured under a name.</summary>
public sealed record SessionVariant
{
    public required string Name { get; init; }

    /// <summary>The command that started it, as it was given, or its address.</summary>
    public required string Source { get; init; }
}

/// <summary>One run of a session.</summary>
public sealed record SessionRun
{
    public required string Variant { get; init; }

    /// <summary>Counted from 1.</summary>
    public required int Block { get; init; }

    /// <summary>Place in the block, counted from 1.</summary>
    public required int Position { get; init; }

    public required RunFile Run { get; init; }
}
