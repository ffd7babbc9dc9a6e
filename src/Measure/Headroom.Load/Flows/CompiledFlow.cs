namespace Headroom.Load.Flows;

internal enum FlowOperation : byte
{
    /// <summary>Send the request of that index and wait for its response.</summary>
    Request,

    /// <summary>Wait for a think time.</summary>
    Think,

    /// <summary>Go on at one of several places by weight.</summary>
    Choose,

    /// <summary>Go on at another place.</summary>
    Jump,

    /// <summary>The iteration ends.</summary>
    End,
}

/// <summary>One operation of a compiled flow.</summary>
internal sealed record FlowStep(FlowOperation Operation)
{
    /// <summary>Of <see cref="FlowOperation.Request"/>: the request. Of <see cref="FlowOperation.Jump"/>: the step to go to.</summary>
    public int Target { get; init; }

    public ThinkTime? Time { get; init; }

    /// <summary>Of <see cref="FlowOperation.Choose"/>: weights added up, and where each way begins.</summary>
    public (double WeightUpTo, int Target)[] Ways { get; init; } = [];

    /// <summary>How many requests follow on the shortest way from here, this one not counted: what an iteration that ends here leaves out at least.</summary>
    public int RequestsAfter { get; init; }
}

/// <summary>A flow as a list of steps that a VU goes through, so that where it stands is one number.</summary>
internal sealed class CompiledFlow
{
    private readonly List<FlowStep> _steps = [];
    private readonly SortedSet<int> _feeders = [];

    private CompiledFlow(string name, double weight)
    {
        Name = name;
        Weight = weight;
    }

    public string Name { get; }

    public double Weight { get; }

    public IReadOnlyList<FlowStep> Steps => _steps;

    /// <summary>Feeders whose columns its requests use: an iteration takes a row of each.</summary>
    public IReadOnlyCollection<int> Feeders => _feeders;

    /// <param name="flow">Validated.</param>
    /// <param name="compileRequest">Gives the index of a request and the feeders that it uses.</param>
    public static CompiledFlow Compile(Flow flow, Func<PlannedRequest, (int Index, IEnumerable<int> Feeders)> compileRequest)
    {
        var compiled = new CompiledFlow(flow.Name, flow.Weight);
        compiled.Add(flow.Steps, compileRequest);
        compiled._steps.Add(new FlowStep(FlowOperation.End));
        compiled.CountRequests();
        return compiled;
    }

    private void Add(IReadOnlyList<Step> steps, Func<PlannedRequest, (int Index, IEnumerable<int> Feeders)> compileRequest)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case RequestStep request:
                    var (index, feeders) = compileRequest(request.Request);
                    _feeders.UnionWith(feeders);
                    _steps.Add(new FlowStep(FlowOperation.Request) { Target = index });
                    break;
                case ThinkStep think:
                    _steps.Add(new FlowStep(FlowOperation.Think) { Time = think.Time });
                    break;
                case ChoiceStep choice:
                    AddChoice(choice, compileRequest);
                    break;
            }
        }
    }

    /// <summary>The ways one after another, each ending with a jump behind the last.</summary>
    private void AddChoice(ChoiceStep choice, Func<PlannedRequest, (int Index, IEnumerable<int> Feeders)> compileRequest)
    {
        var at = _steps.Count;
        _steps.Add(new FlowStep(FlowOperation.Choose));
        var ways = new List<(double, int)>();
        var jumps = new List<int>();
        var weight = 0.0;
        foreach (var way in choice.Ways)
        {
            ways.Add((weight += way.Weight, _steps.Count));
            Add(way.Steps, compileRequest);
            jumps.Add(_steps.Count);
            _steps.Add(new FlowStep(FlowOperation.Jump));
        }

        _steps[at] = _steps[at] with { Ways = [.. ways] };
        foreach (var jump in jumps)
            _steps[jump] = _steps[jump] with { Target = _steps.Count };
    }

    /// <summary>Every jump goes forward, so one pass from the end suffices.</summary>
    private void CountRequests()
    {
        var from = new int[_steps.Count];
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            var step = _steps[i];
            from[i] = step.Operation switch
            {
                FlowOperation.End => 0,
                FlowOperation.Jump => from[step.Target],
                FlowOperation.Choose => step.Ways.Min(way => from[way.Target]),
                FlowOperation.Request => from[i + 1] + 1,
                _ => from[i + 1],
            };
            _steps[i] = step with { RequestsAfter = step.Operation == FlowOperation.Request ? from[i] - 1 : from[i] };
        }
    }
}
