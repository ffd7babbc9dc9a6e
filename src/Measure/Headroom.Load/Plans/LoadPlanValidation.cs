using Headroom.Measurements;

namespace Headroom.Load.Plans;

/// <summary>The rules that hold for a plan wherever it came from. All broken ones are told together.</summary>
internal static class LoadPlanValidation
{
    public const int ConnectionsMax = 65_535;
    public const double RateMax = 10_000_000;
    public const int WorkersMax = 256;
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
        string[] names = [.. plan.Requests.Select(request => request.Name)];
        return CheckWhole(plan)
            .Concat(plan.Requests.SelectMany(CheckRequest))
            .Concat(plan.Scenarios.SelectMany(scenario => CheckScenario(scenario, names)));
    }

    /// <summary>The rules that concern no single request or scenario.</summary>
    public static IEnumerable<string> CheckWhole(LoadPlan plan)
    {
        if (plan.Requests.Count == 0)
            yield return "there is no request; write at least one under 'requests'";
        if (!plan.Scenarios.Any(scenario => scenario.Duration > TimeSpan.Zero))
            yield return "no scenario measures anything; give one a duration above 0";
        foreach (var twin in plan.Scenarios.GroupBy(scenario => scenario.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return $"{twin.Count()} scenarios are named '{twin.Key}'; names must differ";
        foreach (var target in plan.Targets)
        {
            if (!ThresholdExpression.TryParse(target, out _, out var error))
                yield return error!;
        }

        if (plan.Timeout < TimeoutMin || plan.Timeout > TimeoutMax)
            yield return $"timeout is {Quantity.Text(plan.Timeout)}; allowed is 1ms to 1h";
        if (plan.ConnectTimeout < TimeoutMin || plan.ConnectTimeout > TimeoutMax)
            yield return $"connectTimeout is {Quantity.Text(plan.ConnectTimeout)}; allowed is 1ms to 1h";
        if (plan.GracefulStop < TimeSpan.Zero || plan.GracefulStop > TimeoutMax)
            yield return $"gracefulStop is {Quantity.Text(plan.GracefulStop)}; allowed is 0s to 1h";
    }

    public static IEnumerable<string> CheckRequest(PlannedRequest request)
    {
        if (!IsToken(request.Method))
            yield return $"method '{Printable(request.Method)}' of request '{request.Name}' is not an HTTP method; write one such as GET or POST";
        if (!request.Url.IsAbsoluteUri || request.Url.Scheme is not ("http" or "https"))
            yield return $"url '{request.Url.OriginalString}' of request '{request.Name}' must be absolute, http:// or https://";
        if (!(request.Weight > 0) || !double.IsFinite(request.Weight))
            yield return $"weight of request '{request.Name}' is {Quantity.Text(request.Weight)}; it must be above 0";
        foreach (var problem in request.Headers.Select(header => CheckHeader(header.Name, header.Value)).OfType<string>())
            yield return problem;
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

    /// <param name="scenario">What to check.</param>
    /// <param name="requestNames">Names of the plan's requests.</param>
    public static IEnumerable<string> CheckScenario(Scenario scenario, IReadOnlyCollection<string> requestNames)
    {
        if (scenario.Connections is < 1 or > ConnectionsMax)
            yield return $"scenario '{scenario.Name}' has {scenario.Connections} connections; allowed is 1 to {ConnectionsMax}";
        if (scenario.Executor == ExecutorKind.ConstantArrivalRate && !(scenario.RatePerSecond > 0 && scenario.RatePerSecond <= RateMax))
            yield return $"scenario '{scenario.Name}' has a rate of {Quantity.Text(scenario.RatePerSecond)}/s; allowed is above 0 and at most {Quantity.Text(RateMax)}/s";
        foreach (var (name, value) in new[] { ("startTime", scenario.StartTime), ("warmup", scenario.WarmUp), ("duration", scenario.Duration) })
        {
            if (value < TimeSpan.Zero || value > DurationMax)
                yield return $"{name} of scenario '{scenario.Name}' is {Quantity.Text(value)}; allowed is 0s to 7d";
        }

        foreach (var unknown in (scenario.Requests ?? []).Where(name => !requestNames.Contains(name)))
            yield return $"scenario '{scenario.Name}' sends '{unknown}', which is not a request of the plan{NearestName.Hint(unknown, requestNames)}";
        if (scenario.Requests is { Count: 0 })
            yield return $"scenario '{scenario.Name}' sends no request; leave 'requests' out to send all";
    }

    private static IEnumerable<string> Check(LoadOptions options)
    {
        if (options.Workers is < 1 or > WorkersMax)
            yield return $"workers is {options.Workers}; allowed is 1 to {WorkersMax}";
    }

    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal));

    private static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? $"\\u{(int)letter:x4}" : letter.ToString()));
}
