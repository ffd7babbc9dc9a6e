using System.Globalization;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Headroom.Load.Plans;

namespace Headroom.Cli.Bench;

/// <summary>Makes the plan that the person means, from addresses or from a plan file with options over it.</summary>
internal static class BenchPlan
{
    private static readonly string[] PlanExtensions = [".yaml", ".yml", ".json"];

    public static LoadPlan From(BenchRequest request)
    {
        var plan = request.Sources.Count == 1 && IsPlanFile(request.Sources[0]) ? FromFile(request) : FromAddresses(request);
        return plan with
        {
            Targets = [.. plan.Targets, .. request.Targets],
            Timeout = request.Timeout ?? plan.Timeout,
            Connections = request.Http2 ? plan.Connections with { Version = HttpVersionChoice.Http2 } : plan.Connections,
        };
    }

    private static bool IsPlanFile(string source) =>
        !source.Contains("://", StringComparison.Ordinal)
        && (File.Exists(source) || PlanExtensions.Contains(Path.GetExtension(source), StringComparer.OrdinalIgnoreCase));

    private static LoadPlan FromFile(BenchRequest request)
    {
        var refused = new (string Option, bool Given)[]
        {
            ("--method", request.Method is not null),
            ("--body or --body-file", request.Body is not null),
            ("--weights", request.Weights.Count > 0),
        }.Where(option => option.Given).Select(option => option.Option).ToArray();
        if (refused.Length > 0)
            throw new UsageException($"{string.Join(" and ", refused)} cannot be given with a plan file; write it in the plan");

        var plan = LoadPlanFile.Read(request.Sources[0], request.BaseUrl);
        return plan with
        {
            Scenarios = Override(plan, request.Wishes),
            HasDefaultScenarios = plan.HasDefaultScenarios && request.Wishes == new DefaultScenarios.Wishes(),
            Setup = [.. plan.Setup.Select(WithHeaders)],
            Requests = [.. plan.Requests.Select(WithHeaders)],
            Flows = [.. plan.Flows.Select(flow => flow with { Steps = InSteps(flow.Steps) })],
            Teardown = [.. plan.Teardown.Select(WithHeaders)],
        };

        PlannedRequest WithHeaders(PlannedRequest planned) => planned with { Headers = Merge(planned.Headers, request.Headers) };

        IReadOnlyList<Step> InSteps(IReadOnlyList<Step> steps) =>
        [
            .. steps.Select(step => step switch
            {
                RequestStep sent => new RequestStep(WithHeaders(sent.Request)),
                ChoiceStep choice => new ChoiceStep([.. choice.Ways.Select(way => way with { Steps = InSteps(way.Steps) })]),
                _ => step,
            }),
        ];
    }

    /// <summary>A load given on the command line takes the place of the plan's scenarios, with the plan's warm-up; a time alone changes theirs.</summary>
    private static IReadOnlyList<Scenario> Override(LoadPlan plan, DefaultScenarios.Wishes wishes)
    {
        var scenarios = plan.Scenarios;
        if (plan.HasDefaultScenarios || wishes.Connections is not null || wishes.RatePerSecond is not null)
            return DefaultScenarios.For(wishes with { WarmUp = wishes.WarmUp ?? (scenarios.Count > 0 ? scenarios[0].WarmUp : null) });
        if (wishes.Duration is null && wishes.WarmUp is null)
            return scenarios;
        if (scenarios is [{ Executor: not (ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate) } other])
            throw new UsageException($"--duration and --warmup change a constant scenario; '{other.Name}' is none: give --connections or --rate as well, or edit the plan");
        if (scenarios.Count > 1)
            throw new UsageException("--duration and --warmup change a plan with one scenario; this one has several: give --connections or --rate as well, or edit the plan");
        return [.. scenarios.Select(scenario => scenario with
        {
            Duration = wishes.Duration ?? scenario.Duration,
            WarmUp = wishes.WarmUp ?? scenario.WarmUp,
        })];
    }

    private static LoadPlan FromAddresses(BenchRequest request)
    {
        if (request.BaseUrl is not null)
            throw new UsageException("--base-url goes with a plan file; write the whole address instead");
        var problems = new List<string>();
        var requests = new List<PlannedRequest>();
        var method = request.Method ?? (request.Body is null ? "GET" : "POST");
        var oneHost = request.Sources.Select(source => HttpAddress.TryParse(source, out var url, out _) ? url!.Authority : null).Distinct(StringComparer.Ordinal).Count() == 1;
        for (var i = 0; i < request.Sources.Count; i++)
        {
            if (!HttpAddress.TryParse(request.Sources[i], out var url, out var error))
            {
                problems.Add(error!);
                continue;
            }

            requests.Add(new PlannedRequest
            {
                Name = NameOf(method, url!, oneHost, requests),
                Method = method,
                Url = url!,
                Headers = request.Headers,
                Body = request.Body,
                Weight = request.Weights.Count > 0 ? request.Weights[i] : 1,
            });
        }

        if (problems.Count > 0)
            throw new UsageException(string.Join('\n', problems));
        return new LoadPlan
        {
            Name = requests.Count == 1 ? requests[0].Name : $"{requests.Count} addresses",
            Requests = requests,
            Scenarios = DefaultScenarios.For(request.Wishes),
            HasDefaultScenarios = request.Wishes == new DefaultScenarios.Wishes(),
        };
    }

    /// <summary>Without the query: names stand in files and reports that are passed on, and a query may hold a key. Addresses that differ by it alone are numbered.</summary>
    private static string NameOf(string method, Uri url, bool oneHost, List<PlannedRequest> named)
    {
        var name = $"{method} {(oneHost ? url.AbsolutePath : url.GetLeftPart(UriPartial.Path))}";
        var same = named.Count(request => request.Method == method && request.Url.GetLeftPart(UriPartial.Path) == url.GetLeftPart(UriPartial.Path));
        return same == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} ({same + 1})");
    }

    private static List<(string Name, string Value)> Merge(IReadOnlyList<(string Name, string Value)> planned, IReadOnlyList<(string Name, string Value)> given) =>
        [.. planned.Where(header => !given.Any(mine => mine.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase))), .. given];
}
