using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Headroom.Load.Plans;

/// <summary>
/// Identifies what a plan sends. The host is left out, so that runs against two builds of an API, on two ports, are known to be the same plan.
/// </summary>
internal static class PlanDigest
{
    public static string Of(LoadPlan plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (part, requests) in new[] { ("setup", plan.Setup), ("request", plan.Requests), ("teardown", plan.Teardown) })
        {
            foreach (var request in requests)
                Append(hash, part, request);
        }

        foreach (var flow in plan.Flows)
        {
            Append(hash, "flow", flow.Name, Number(flow.Weight));
            Append(hash, flow.Steps);
        }

        foreach (var (name, value) in plan.Variables.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            Append(hash, "variable", name, value);
        foreach (var feeder in plan.Feeders)
        {
            Append(hash, "feeder", feeder.Name, feeder.Order.ToString(), feeder.AtEnd.ToString(), Number(feeder.Columns.Count));
            Append(hash, [.. feeder.Columns]);
            foreach (var row in feeder.Rows)
                Append(hash, [.. row]);
        }

        foreach (var scenario in plan.Scenarios)
            Append(hash, scenario);
        Append(
            hash,
            "sending",
            plan.Connections.Version.ToString(),
            Number(plan.Connections.RequestsMax ?? 0),
            plan.Connections.PerIteration.ToString(),
            plan.Cookies.ToString(),
            Number(plan.RedirectsMax),
            Number(plan.CaptureBytesMax),
            Number(plan.Seed));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string part, PlannedRequest request)
    {
        Append(hash, part, request.Name, request.Method, request.Url.PathAndQuery, Number(request.Weight), request.BodyVariables.ToString(), Number(request.EventsMax ?? 0));
        foreach (var (name, value) in request.Headers)
            Append(hash, "header", name, value);
        Append(hash, "body", request.Body.Length.ToString(CultureInfo.InvariantCulture));
        hash.AppendData(request.Body.Span);
        // What is taken from a response is sent by later requests. Checks and tags only judge, and two runs that judge differently are still of one plan.
        foreach (var extraction in request.Extractions)
            Append(hash, "extract", extraction.Variable, extraction.Part.ToString(), extraction.Selector, extraction.Regex ?? "", extraction.Default ?? "", (extraction.Default is null).ToString());
    }

    private static void Append(IncrementalHash hash, IReadOnlyList<Step> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case RequestStep { Request: var request }:
                    Append(hash, "step", request);
                    break;
                case ThinkStep { Time: var time }:
                    Append(hash, "think", Text(time));
                    break;
                case ChoiceStep choice:
                    Append(hash, "choice", Number(choice.Ways.Count));
                    foreach (var way in choice.Ways)
                    {
                        Append(hash, "way", Number(way.Weight), Number(way.Steps.Count));
                        Append(hash, way.Steps);
                    }

                    break;
            }
        }
    }

    private static void Append(IncrementalHash hash, Scenario scenario)
    {
        Append(
            hash,
            "scenario",
            scenario.Name,
            ExecutorNames.Name(scenario.Executor),
            Number(scenario.Connections),
            Number(scenario.RatePerSecond),
            Number(scenario.StartLevel),
            Number(scenario.Iterations),
            Number(scenario.StartTime.Ticks),
            Number(scenario.WarmUp.Ticks),
            Number(scenario.Duration.Ticks),
            Number(scenario.GracefulRampDown.Ticks),
            scenario.ThinkTime is { } time ? Text(time) : "",
            scenario.Requests is null ? "all" : "some");
        foreach (var stage in scenario.Stages)
            Append(hash, "stage", Number(stage.Duration.Ticks), Number(stage.Target));
        foreach (var arrival in scenario.Arrivals)
            Append(hash, "arrival", Number(arrival.Ticks));
        foreach (var name in scenario.Requests ?? [])
            Append(hash, "sends", name);
    }

    private static string Text(ThinkTime time) => $"{time.Kind} {Number(time.Min.Ticks)} {Number(time.Max.Ticks)}";

    /// <summary>Fields are length-prefixed, so that no two lists of fields look alike.</summary>
    private static void Append(IncrementalHash hash, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{field.Length}:{field}")));
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
