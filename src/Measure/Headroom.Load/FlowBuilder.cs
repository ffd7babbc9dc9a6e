namespace Headroom.Load;

/// <summary>Requests that a VU sends one after another, with pauses: a flow of a plan, its set-up or its clean-up.</summary>
public sealed class FlowBuilder : RequestsBuilder<FlowBuilder>
{
    private readonly List<(RequestBuilder? Request, ThinkTime? Think)> _steps = [];

    internal FlowBuilder()
    {
    }

    /// <summary>Waits as long. 0 to 1 h. Not in a set-up or clean-up.</summary>
    public FlowBuilder Think(TimeSpan time)
    {
        _steps.Add((null, ThinkTime.Fixed(time)));
        return this;
    }

    /// <summary>Waits a time between the two, evenly spread. 0 to 1 h.</summary>
    public FlowBuilder Think(TimeSpan min, TimeSpan max)
    {
        _steps.Add((null, ThinkTime.Uniform(min, max)));
        return this;
    }

    internal bool HasThinkTime => _steps.Exists(step => step.Think is not null);

    internal IEnumerable<RequestBuilder> Requests => _steps.Select(step => step.Request).OfType<RequestBuilder>();

    internal IReadOnlyList<Step> BuildSteps(Func<RequestBuilder, PlannedRequest> build) =>
        [.. _steps.Select(Step (step) => step.Request is { } request ? new RequestStep(build(request)) : new ThinkStep(step.Think!))];

    private protected override void Add(RequestBuilder request) => _steps.Add((request, null));
}
