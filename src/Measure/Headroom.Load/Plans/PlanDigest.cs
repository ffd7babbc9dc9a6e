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
        foreach (var request in plan.Requests)
        {
            Append(hash, "request", request.Name, request.Method, request.Url.PathAndQuery, Number(request.Weight));
            foreach (var (name, value) in request.Headers)
                Append(hash, "header", name, value);
            Append(hash, "body", request.Body.Length.ToString(CultureInfo.InvariantCulture));
            hash.AppendData(request.Body.Span);
        }

        foreach (var scenario in plan.Scenarios)
        {
            Append(
                hash,
                "scenario",
                scenario.Name,
                ExecutorNames.Name(scenario.Executor),
                Number(scenario.Connections),
                Number(scenario.RatePerSecond),
                Number(scenario.StartTime.Ticks),
                Number(scenario.WarmUp.Ticks),
                Number(scenario.Duration.Ticks),
                string.Join('\u001f', scenario.Requests ?? []));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Fields are length-prefixed, so that no two lists of fields look alike.</summary>
    private static void Append(IncrementalHash hash, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{field.Length}:{field}")));
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
