namespace Headroom.Load;

/// <summary>Steps that a VU takes one after another: a user's way through the API.</summary>
public sealed record Flow
{
    public required string Name { get; init; }

    /// <summary>Share among the plan's requests and flows, in proportion to the sum of all weights. Above 0.</summary>
    public double Weight { get; init; } = 1;

    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>The requests of its steps, in their order, those of every way of a choice included.</summary>
    public IEnumerable<PlannedRequest> AllRequests() => RequestsOf(Steps);

    private static IEnumerable<PlannedRequest> RequestsOf(IEnumerable<Step> steps) => steps.SelectMany(step => step switch
    {
        RequestStep request => [request.Request],
        ChoiceStep choice => choice.Ways.SelectMany(way => RequestsOf(way.Steps)),
        _ => Enumerable.Empty<PlannedRequest>(),
    });
}

/// <summary>A step of a flow.</summary>
public abstract record Step
{
    private protected Step()
    {
    }
}

/// <summary>Sends a request and waits for its response.</summary>
public sealed record RequestStep(PlannedRequest Request) : Step;

/// <summary>Waits as a person would.</summary>
public sealed record ThinkStep(ThinkTime Time) : Step;

/// <summary>Takes one of several ways by weight.</summary>
public sealed record ChoiceStep(IReadOnlyList<WeightedSteps> Ways) : Step;

/// <summary>One way of a choice. Weight above 0.</summary>
public sealed record WeightedSteps(double Weight, IReadOnlyList<Step> Steps);

/// <summary>How long a VU thinks between steps.</summary>
public sealed record ThinkTime
{
    private ThinkTime(ThinkTimeKind kind, TimeSpan first, TimeSpan second)
    {
        Kind = kind;
        Min = first;
        Max = second;
    }

    public ThinkTimeKind Kind { get; }

    /// <summary>The fixed time, the least of a uniform one, or the mean of an exponential one.</summary>
    public TimeSpan Min { get; }

    /// <summary>The most of a uniform time; otherwise the same as <see cref="Min"/>. An exponential one is cut at twenty times its mean.</summary>
    public TimeSpan Max { get; }

    public static ThinkTime Fixed(TimeSpan time) => new(ThinkTimeKind.Fixed, time, time);

    public static ThinkTime Uniform(TimeSpan min, TimeSpan max) => new(ThinkTimeKind.Uniform, min, max);

    public static ThinkTime Exponential(TimeSpan mean) => new(ThinkTimeKind.Exponential, mean, mean);
}

/// <summary>How think times are spread.</summary>
public enum ThinkTimeKind
{
    Fixed,
    Uniform,
    Exponential,
}

/// <summary>A table of values. A VU that uses one of its columns in an iteration takes a row for the whole iteration.</summary>
public sealed record Feeder
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Each as long as <see cref="Columns"/>. At least one.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }

    public FeederOrder Order { get; init; }

    public FeederEnd AtEnd { get; init; }
}

/// <summary>Which row an iteration takes.</summary>
public enum FeederOrder
{
    /// <summary>The next one, over all VUs and scenarios.</summary>
    Sequential,

    /// <summary>Any one, by the plan's seed; never runs out.</summary>
    Random,

    /// <summary>The VU's own, always the same: no two VUs of the run share a row.</summary>
    UniquePerVu,
}

/// <summary>What happens when a feeder has no further row (or no row for a further VU).</summary>
public enum FeederEnd
{
    /// <summary>It begins again.</summary>
    Recycle,

    /// <summary>The VU that needs a row ends; when all have, the scenario ends.</summary>
    Stop,

    /// <summary>The run is ended and counts as failed.</summary>
    Error,
}
