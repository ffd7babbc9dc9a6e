using EndToEnd.Performance;
using Headroom.Import;
using Headroom.Load;
using Headroom.Measurements;

namespace EndToEnd.Imports;

/// <summary>What was described or recorded of the reference API (tests/Headroom.Import.Tests/Fixtures/README.md) becomes plans which that API answers: no request is refused but those that the source says are.</summary>
[Collection(nameof(Measuring))]
public sealed class ImportedPlansTests(TunedApi api) : IClassFixture<TunedApi>
{
    /// <summary>Each request of a plan at least so often: weights are an evenly spread sequence.</summary>
    private const int Rounds = 3;

    [Fact]
    public async Task OpenApi_OfTheReferenceApi_IsAPlanOfWhichEveryRequestIsAnswered()
    {
        var imported = PlanImport.OpenApi(await ReadAsync("reference-api.yaml"), Options("reference-api.yaml") with { Writes = true });
        Assert.DoesNotContain(imported.Notes, static note => note.Kind == ImportNoteKind.LeftOut);
        var run = await RunAsync(imported);
        Assert.Equal(17, run.RequestsByName.Count);
        AssertAnswered(run);
    }

    /// <summary>The document that ASP.NET Core makes by itself knows no ids and no query; a person puts the ids in, and what is asked without its question is refused.</summary>
    [Fact]
    public async Task OpenApi_MadeByAspNetCore_NeedsOnlyTheIdsThatItGuesses()
    {
        var imported = PlanImport.OpenApi(await ReadAsync("openapi.json"), Options("openapi.json"));
        var yaml = imported.Yaml.Replace("\n  id: text\n", "\n  id: 1\n", StringComparison.Ordinal).Replace("\n  metric: text\n", "\n  metric: heart_rate\n", StringComparison.Ordinal);
        AssertAnswered(await RunAsync(imported with { Yaml = yaml }), "GET /query/stream");
    }

    [Theory]
    [InlineData("nginx-common.log")]
    [InlineData("nginx-combined.log")]
    [InlineData("nginx-json.log")]
    public async Task AccessLog_OfTheReferenceApi_IsAPlanOfWhichEveryRequestIsAnswered(string log)
    {
        var run = await RunAsync(PlanImport.AccessLog(File.ReadLines(Fixture(log)), Options(log)), iterations: 200);
        Assert.Equal(5, run.RequestsByName.Count);
        AssertAnswered(run);
    }

    /// <summary>The page of live figures is there in Development only.</summary>
    [Fact]
    public async Task Har_OfTheReferenceApi_IsAVisitOfWhichEveryRequestIsAnswered()
    {
        var run = await RunAsync(PlanImport.Har(await ReadAsync("browser.har"), Options("browser.har")), iterations: Rounds);
        Assert.Equal(10 * Rounds, run.Summary.Requests);
        AssertAnswered(run, "GET /headroom");
        Assert.Empty(run.FailedExtractions);
    }

    private static void AssertAnswered(RunFile run, params string[] refused)
    {
        Assert.Equal(refused, run.RequestsByName.Where(static request => request.Value.Errors > 0).Select(static request => request.Key));
        Assert.Equal(refused, run.Checks.Where(static check => check.Fails > 0).Select(static check => check.Request));
        Assert.All(refused, name => Assert.Equal(run.RequestsByName[name].Requests, run.RequestsByName[name].Errors));
        Assert.DoesNotContain(run.Statuses.Keys, static status => status.StartsWith('5'));
    }

    private async Task<RunFile> RunAsync(ImportedPlan imported, int? iterations = null)
    {
        var folder = Directory.CreateTempSubdirectory("headroom-imports-");
        try
        {
            foreach (var file in imported.Files)
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, file.Name), file.Text, TestContext.Current.CancellationToken);
            var plan = LoadPlanFile.Parse(imported.Yaml, "plan", folder.FullName, baseUrl: null, static _ => null);
            plan = plan with
            {
                Scenarios = [new Scenario { Name = "once", Executor = ExecutorKind.SharedIterations, Connections = 1, Iterations = iterations ?? Rounds * plan.Requests.Count, Duration = TimeSpan.FromMinutes(5) }],
            };
            return await LoadRun.RunAsync(plan, new LoadOptions { Workers = 1 }, cancellation: TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private ImportOptions Options(string source) => new() { Source = source, Name = "imported", Target = api.Address };

    private static Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Fixture(name), TestContext.Current.CancellationToken);

    private static string Fixture(string name) => RepositoryRoot.Combine("tests", "Headroom.Import.Tests", "Fixtures", name);
}
