using System.CommandLine;
using System.Globalization;
using Headroom.Cli.Bench;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Report;
using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Load;

/// <summary><c>headroom load PLAN|URL</c>: sends a plan's load, or that of a ready profile.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var options = new BenchOptions();
        var profile = new Option<string?>("--profile")
        {
            Description = $"What to send instead of the plan's scenarios: {string.Join(", ", LoadProfiles.All.Select(entry => entry.Name))}. "
                + $"Default '{LoadProfiles.Default}' where nothing says how much load.",
            HelpName = "NAME",
        };
        profile.Validators.Add(result =>
        {
            var names = LoadProfiles.All.Select(entry => entry.Name).ToArray();
            if (result.Tokens.Count > 0 && !names.Contains(result.Tokens[^1].Value))
                result.AddError($"--profile is '{result.Tokens[^1].Value}'; allowed: {string.Join(", ", names)}{NearestName.Hint(result.Tokens[^1].Value, names)}");
        });
        var scale = Options.Number("--scale", "FACTOR", "Multiplies every duration: 0.1 makes 5 min of load 30 s.", LoadProfiles.ScaleMin, LoadProfiles.ScaleMax);
        var command = new Command("load", "Sends the load of a plan or of a ready profile (smoke, load, stress, spike, soak, mixed), and judges what came back.");
        options.AddTo(command);
        command.Options.Add(profile);
        command.Options.Add(scale);
        var grade = ReportCommand.GradeOption();
        command.Options.Add(grade);
        command.SetAction((result, cancellation) => RunAsync(options.Read(result), result.GetValue(profile), result.GetValue(scale) ?? 1, result.GetValue(grade), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(BenchRequest request, string? profile, double scale, bool graded, CancellationToken cancellation)
    {
        RefuseContradictions(request, profile);
        var plan = BenchPlan.From(profile is null ? request : request with { Wishes = new DefaultScenarios.Wishes() });
        if (profile is null && plan.HasDefaultScenarios && request.Wishes == new DefaultScenarios.Wishes())
            profile = LoadProfiles.Default;
        BenchRun.RefuseMistakes(plan, request);
        if (profile == LoadProfiles.Soak)
        {
            var rate = request.Wishes.RatePerSecond ?? await SoakProbe.FindRateAsync(plan, request, cancellation);
            if (rate is not { } half)
                return cancellation.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Missed;
            plan = plan with { Scenarios = LoadProfiles.For(profile, half), Targets = WithVerdict(plan.Targets, scale) };
        }
        else if (profile is not null)
        {
            plan = plan with { Scenarios = LoadProfiles.For(profile) };
        }

        plan = plan with { Scenarios = Scale(plan.Scenarios, scale), HasDefaultScenarios = false };
        BenchRun.RefuseMistakes(plan, request);
        return await BenchRun.MeasureAsync(plan, request, graded, cancellation);
    }

    private static void RefuseContradictions(BenchRequest request, string? profile)
    {
        if (profile is null)
            return;
        var given = new (string Option, bool Given)[]
        {
            ("--connections", request.Wishes.Connections is not null),
            ("--duration", request.Wishes.Duration is not null),
            ("--warmup", request.Wishes.WarmUp is not null),
            ("--rate", request.Wishes.RatePerSecond is not null && profile != LoadProfiles.Soak),
        }.Where(option => option.Given).Select(option => option.Option).ToArray();
        if (given.Length > 0)
            throw new UsageException($"{string.Join(" and ", given)} {(given.Length > 1 ? "do" : "does")} not go with --profile {profile}, which says how much load to send; shorten it with --scale, or leave --profile out");
    }

    /// <summary>The person's own bound on memory growth goes before the profile's.</summary>
    private static IReadOnlyList<string> WithVerdict(IReadOnlyList<string> targets, double scale) =>
        targets.Any(target => target.TrimStart().StartsWith("rss-growth", StringComparison.OrdinalIgnoreCase)) ? targets : [.. targets, LoadProfiles.SoakTarget(scale)];

    private static IReadOnlyList<Scenario> Scale(IReadOnlyList<Scenario> scenarios, double scale)
    {
        if (scale == 1)
            return scenarios;
        try
        {
            return LoadProfiles.Scale(scenarios, scale);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--scale {scale}: {e.Message}"));
        }
    }
}
