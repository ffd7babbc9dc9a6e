using System.Globalization;
using Headroom.Load;

namespace Headroom.Cli.Plan;

/// <summary>A plan in one line: <c>3 requests, 1 flow, 2 scenarios, 5 checks, 2 targets; 1m30s</c>.</summary>
internal static class PlanSummary
{
    public static string Of(LoadPlan plan)
    {
        var sent = plan.Requests.Concat(plan.Flows.SelectMany(flow => flow.AllRequests())).ToArray();
        var parts = new[]
        {
            Count(plan.Requests.Count, "request"),
            Count(plan.Flows.Count, "flow"),
            Count(plan.Scenarios.Count, "scenario"),
            Count(plan.Setup.Count, "setup request"),
            Count(plan.Teardown.Count, "teardown request"),
            Count(plan.Feeders.Count, "feeder"),
            Count(sent.Sum(request => request.Checks.Count), "check"),
            Count(plan.Targets.Count, "target"),
        };
        return $"{string.Join(", ", parts.OfType<string>())}; {Length(plan)}";
    }

    /// <summary>How long the plan's load lasts.</summary>
    public static string Length(LoadPlan plan)
    {
        var isBounded = plan.Scenarios.Any(scenario => scenario.Executor is ExecutorKind.PerVuIterations or ExecutorKind.SharedIterations);
        return (isBounded ? "at most " : "") + Text(End(plan));
    }

    public static TimeSpan End(LoadPlan plan) => plan.Scenarios.Max(EndOf);

    public static TimeSpan EndOf(Scenario scenario) => scenario.StartTime + scenario.WarmUp + scenario.Duration;

    /// <summary>Where the first request of the load goes: scheme, host and port. A plan may have flows alone.</summary>
    public static string OriginOf(LoadPlan plan) =>
        plan.Requests.Concat(plan.Flows.SelectMany(flow => flow.AllRequests())).First().Url.GetLeftPart(UriPartial.Authority);

    /// <summary><c>1m30s</c>, as plans write it.</summary>
    public static string Text(TimeSpan time)
    {
        if (time > TimeSpan.Zero && time < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###}ms");
        var text = "";
        if (time.TotalHours >= 1)
            text += string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours):0}h");
        if (time.Minutes > 0)
            text += string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m");
        var seconds = time.TotalSeconds % 60;
        return seconds > 0.0005 || text.Length == 0 ? text + string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###}s") : text;
    }

    private static string? Count(int number, string what) =>
        number == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}
