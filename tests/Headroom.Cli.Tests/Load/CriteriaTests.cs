using System.Diagnostics;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Load;

/// <summary>
/// The criteria of samples/plans/criteria against the reference API, in a short form: that each is sent and judged. Whether it is met is a matter of the machine, and stands in
/// docs/load-test-results.md; what does not depend on its speed is held here.
/// </summary>
public sealed class CriteriaTests : IDisposable
{
    private static readonly string Folder = RepositoryRoot.Combine("samples", "plans", "criteria");

    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-criteria-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Readme_OfThePlans_MapsEveryCriterion()
    {
        var readme = File.ReadAllText(RepositoryRoot.Combine("samples", "plans", "README.md"));
        var plans = Directory.GetFiles(Folder, "*.yaml").Select(Path.GetFileName).ToArray();
        Assert.Equal(8, plans.Length);
        Assert.All(plans, plan => Assert.Contains($"(criteria/{plan})", readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_EveryCriterion_IsJudgedOfTheTunedApi()
    {
        using var api = await ApiAsync("--tuned");
        try
        {
            foreach (var plan in Directory.GetFiles(Folder, "*.yaml").Order(StringComparer.Ordinal))
            {
                var run = await RunAsync(plan, api.Address);

                Assert.NotEmpty(run.Thresholds);
                Assert.All(run.Thresholds, threshold => Assert.NotNull(threshold.Observed));
                Assert.True(run.Summary.Errors == 0, $"{Path.GetFileName(plan)}: {string.Join(", ", run.ErrorsByKind)} {string.Join(", ", run.Statuses)}");
                if (plan.EndsWith("api-key-cache.yaml", StringComparison.Ordinal))
                    Assert.True(Assert.Single(run.TargetMetrics).Value > 0.9);
                if (plan.EndsWith("send-burst.yaml", StringComparison.Ordinal))
                    Assert.Equal(500, run.Summary.Requests);
            }
        }
        finally
        {
            api.Process.Kill();
        }
    }

    /// <summary>Without the cache nothing is counted: that is a miss with its reason, not a pass.</summary>
    [Fact]
    public async Task Load_ApiKeyCriterion_IsMissedByThePlainApi()
    {
        using var api = await ApiAsync("--plain");
        try
        {
            var run = await RunAsync(Path.Combine(Folder, "api-key-cache.yaml"), api.Address);
            var threshold = run.Thresholds.Single(threshold => threshold.Expression.StartsWith("metric", StringComparison.Ordinal));
            Assert.False(threshold.Passed);
            Assert.Contains("headroom_cache_hits_total{headroom_cache_name=\"auth\"}", threshold.Reason, StringComparison.Ordinal);
        }
        finally
        {
            api.Process.Kill();
        }
    }

    private async Task<RunFile> RunAsync(string plan, string address)
    {
        var file = Path.Combine(_folder, Path.GetFileName(plan) + ".json");
        string[] scale = plan.EndsWith("send-burst.yaml", StringComparison.Ordinal) ? [] : ["--scale", plan.EndsWith("sustained.yaml", StringComparison.Ordinal) ? "0.001" : "0.1"];
        var result = await HeadroomProcess.RunAsync(["load", plan, "--base-url", address, "--out", file, "--grade", "--quiet", .. scale]);
        Assert.True(result.ExitCode is 0 or 1, result.Output + result.Error);
        Assert.Contains("Grade  ", result.Output, StringComparison.Ordinal);
        return RunFileJson.Read(file);
    }

    private async Task<RunningApi> ApiAsync(string mode)
    {
        var program = Path.Combine(Path.GetDirectoryName(HeadroomProcess.Program)!, "demo", "ReferenceApi.dll");
        var start = new ProcessStartInfo("dotnet", [program, mode, "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"), "--parent-pid", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Contains(" listening on ", line, StringComparison.Ordinal);
        return new RunningApi(process, line!.Split(" listening on ")[1]);
    }

    private sealed record RunningApi(Process Process, string Address) : IDisposable
    {
        public void Dispose()
        {
            Process.WaitForExit(TimeSpan.FromSeconds(10));
            Process.Dispose();
        }
    }
}
