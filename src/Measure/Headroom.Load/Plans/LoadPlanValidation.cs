using Headroom.Measurements;

namespace Headroom.Load.Plans;

/// <summary>The rules that hold for a plan wherever it came from. All broken ones are told together.</summary>
internal static class LoadPlanValidation
{
    public const int ConnectionsMax = 65_535;
    public const double RateMax = 10_000_000;
    public const int WorkersMax = 256;
    public const int RedirectsMax = 20;
    public const long CaptureBytesMax = 256L * 1024 * 1024;

    /// <summary>sun_path of Linux has 108 bytes, of which one ends it (unix(7)).</summary>
    public const int UnixSocketPathBytesMax = 107;
    public static readonly TimeSpan DurationMax = TimeSpan.FromDays(7);
    public static readonly TimeSpan TimeoutMin = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);

    public static void ThrowIfInvalid(LoadPlan plan, LoadOptions options)
    {
        var problems = Check(plan).Concat(Check(options)).Select(message => new PlanProblem($"plan '{plan.Name}'", 0, 0, message)).ToArray();
        if (problems.Length > 0)
            throw new LoadPlanException(problems);
    }

    /// <summary>All rules.</summary>
    public static IEnumerable<string> Check(LoadPlan plan)
    {
        string[] names = [.. plan.Requests.Select(request => request.Name), .. plan.Flows.Select(flow => flow.Name)];
        return CheckWhole(plan)
            .Concat(plan.Flows.SelectMany(CheckFlow))
            .Concat(plan.AllRequests().Distinct(ReferenceEqualityComparer.Instance).Cast<PlannedRequest>().SelectMany(RequestValidation.Check).Select(mistake => mistake.Message))
            .Concat(VariableValidation.Check(plan).Select(mistake => mistake.Message).Distinct(StringComparer.Ordinal))
            .Concat(plan.Scenarios.SelectMany(scenario => ScenarioValidation.Check(scenario, names)).Select(mistake => mistake.Message));
    }

    /// <summary>The rules that concern no single request or scenario.</summary>
    public static IEnumerable<string> CheckWhole(LoadPlan plan)
    {
        if (plan.Requests.Count == 0 && plan.Flows.Count == 0)
            yield return "there is nothing to send; write at least one request under 'requests' or one flow under 'flows'";
        if (!plan.Scenarios.Any(scenario => scenario.Duration > TimeSpan.Zero))
            yield return "no scenario measures anything; give one a duration above 0";
        foreach (var twin in plan.Scenarios.GroupBy(scenario => scenario.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return $"{twin.Count()} scenarios are named '{twin.Key}'; names must differ";
        foreach (var twin in plan.Flows.GroupBy(flow => flow.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return $"{twin.Count()} flows are named '{twin.Key}'; names must differ";
        foreach (var flow in plan.Flows.Where(flow => plan.Requests.Any(request => request.Name == flow.Name)))
            yield return $"'{flow.Name}' names a flow and a request; scenarios choose by name, so names must differ";
        foreach (var feeder in plan.Feeders.Where(feeder => feeder.Rows.Count == 0 || feeder.Rows.Any(row => row.Count != feeder.Columns.Count)))
            yield return $"feeder '{feeder.Name}' has no rows, or one that is not as long as its {feeder.Columns.Count} columns";
        foreach (var problem in plan.Variables.Keys.Concat(plan.Feeders.Select(feeder => feeder.Name)).Select(RequestValidation.NameMistake).OfType<string>())
            yield return problem;
        foreach (var problem in CheckTargets(plan).Concat(CheckLimits(plan)))
            yield return problem;
    }

    public static IEnumerable<string> CheckFlow(Flow flow)
    {
        if (!(flow.Weight > 0) || !double.IsFinite(flow.Weight))
            yield return $"weight of flow '{flow.Name}' is {Quantity.Text(flow.Weight)}; it must be above 0";
        if (!flow.AllRequests().Any())
            yield return $"flow '{flow.Name}' sends no request; write at least one step with a url";
        foreach (var problem in CheckSteps(flow.Steps, flow.Name))
            yield return problem;
    }

    private static IEnumerable<string> CheckSteps(IEnumerable<Step> steps, string flow)
    {
        foreach (var step in steps)
        {
            if (step is ThinkStep think && ScenarioValidation.ThinkTimeMistake(think.Time) is { } mistake)
                yield return $"a think time of flow '{flow}' {mistake}";
            if (step is not ChoiceStep choice)
                continue;
            if (choice.Ways.Count == 0 || choice.Ways.Any(way => !(way.Weight > 0) || !double.IsFinite(way.Weight)))
                yield return $"a choice of flow '{flow}' has no ways, or one whose weight is not above 0";
            foreach (var problem in choice.Ways.SelectMany(way => CheckSteps(way.Steps, flow)))
                yield return problem;
        }
    }

    private static IEnumerable<string> CheckTargets(LoadPlan plan)
    {
        foreach (var target in plan.Targets)
        {
            if (!ThresholdExpression.TryParse(target, out var expression, out var error))
                yield return error!;
            else if (expression.TargetMetricName is { } name && plan.Metrics?.Metrics.Any(metric => metric.Name == name) != true)
                yield return $"'{target}' judges metric '{name}', which the plan does not read; write it under 'metrics'{NearestName.Hint(name, plan.Metrics?.Metrics.Select(metric => metric.Name) ?? [])}";
        }

        foreach (var twin in (plan.Metrics?.Metrics ?? []).GroupBy(metric => metric.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return $"{twin.Count()} metrics are named '{twin.Key}'; names must differ";
        foreach (var metric in (plan.Metrics?.Metrics ?? []).Where(metric => metric.Gauge is null == metric.Increase is null || (metric.Gauge is not null && metric.Over.Count > 0)))
            yield return $"metric '{metric.Name}' must be either a gauge or an increase, and only an increase can be divided ('over')";

        foreach (var aborting in plan.AbortingTargets.Where(aborting => !plan.Targets.Contains(aborting.Expression)))
            yield return $"'{aborting.Expression}' would end the run and is not one of the plan's targets; add it to them";
        foreach (var aborting in plan.AbortingTargets.Where(aborting => aborting.Delay < TimeSpan.Zero || aborting.Delay > DurationMax))
            yield return $"the delay of target '{aborting.Expression}' is {Quantity.Text(aborting.Delay)}; allowed is 0s to 7d";
    }

    private static IEnumerable<string> CheckLimits(LoadPlan plan)
    {
        if (plan.Timeout < TimeoutMin || plan.Timeout > TimeoutMax)
            yield return $"timeout is {Quantity.Text(plan.Timeout)}; allowed is 1ms to 1h";
        if (plan.ResponseTimeout is { } response && (response < TimeoutMin || response > TimeoutMax))
            yield return $"responseTimeout is {Quantity.Text(response)}; allowed is 1ms to 1h";
        if (plan.Connections.Version == HttpVersionChoice.Http2 && (plan.Connections.PerIteration || plan.Connections.RequestsMax is not null))
            yield return "over HTTP/2 connections are shared by all VUs, so none is closed after an iteration or a number of requests; leave that out, or measure over HTTP/1.1";
        if (plan.ConnectTimeout < TimeoutMin || plan.ConnectTimeout > TimeoutMax)
            yield return $"connectTimeout is {Quantity.Text(plan.ConnectTimeout)}; allowed is 1ms to 1h";
        if (plan.GracefulStop < TimeSpan.Zero || plan.GracefulStop > TimeoutMax)
            yield return $"gracefulStop is {Quantity.Text(plan.GracefulStop)}; allowed is 0s to 1h";
        if (plan.RedirectsMax is < 0 or > RedirectsMax)
            yield return $"redirects is {plan.RedirectsMax}; allowed is 0 to {RedirectsMax}";
        if (plan.CaptureBytesMax is < 1 or > CaptureBytesMax)
            yield return $"captureLimit is {plan.CaptureBytesMax} bytes; allowed is 1B to 256MiB";
        if (plan.Connections.RequestsMax < 1)
            yield return $"requestsMax of connections is {plan.Connections.RequestsMax}; it must be at least 1";
    }

    /// <summary>What is wrong with a header, or null. A line break in one would be a second header (RFC 9110 §5.5).</summary>
    public static string? CheckHeader(string name, string value)
    {
        if (!IsToken(name))
            return $"header name '{Printable(name)}' is not a token (RFC 9110 §5.1); write letters, digits and hyphens";
        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            return $"header '{name}' is set by the body itself; leave it out";
        return value.AsSpan().IndexOfAnyInRange('\0', '\b') >= 0 || value.AsSpan().IndexOfAnyInRange('\n', '\u001f') >= 0 || value.Any(letter => letter is '\u007f' or > '\u00ff')
            ? $"the value of header '{name}' has a control character or one outside Latin-1; encode it"
            : null;
    }

    private static IEnumerable<string> Check(LoadOptions options)
    {
        if (options.Workers is < 1 or > WorkersMax)
            yield return $"workers is {options.Workers}; allowed is 1 to {WorkersMax}";
        if (options.UnixSocket is { } path && (path.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(path) > UnixSocketPathBytesMax))
            yield return $"the unix socket's path '{path}' has {System.Text.Encoding.UTF8.GetByteCount(path)} bytes; allowed is 1 to {UnixSocketPathBytesMax}: write a shorter one, relative to the working directory for example";
        if (options.UnixSocket is not null && options.Resolve.Count > 0)
            yield return "a unix socket and addresses for hosts are both given; a unix socket takes every request, so leave one of them out";
        foreach (var twin in options.Resolve.GroupBy(entry => $"{entry.Host.ToLowerInvariant()}:{entry.Port}", StringComparer.Ordinal).Where(group => group.Select(entry => entry.Address).Distinct().Count() > 1))
            yield return $"{twin.Key} is resolved to {string.Join(" and ", twin.Select(entry => entry.Address))}; write one address";
    }

    internal static bool IsToken(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal));

    internal static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? $"\\u{(int)letter:x4}" : letter.ToString()));
}
