namespace Headroom.Cli.Tests.Import;

/// <summary><c>headroom import k6-summary</c>, and what reports and comparisons make of it.</summary>
public sealed class K6SummaryCommandTests : IDisposable
{
    private const string Trend = """{ "min": 1, "avg": 4.5, "med": 4, "max": 30, "p(75)": 5, "p(90)": 9, "p(95)": 12, "p(99)": 20, "p(99.9)": 28 }""";

    private const string Summary = $$"""{ "metrics": { "http_reqs": { "count": 2000, "rate": 100 }, "http_req_failed": { "passes": 1, "fails": 1999, "value": 0.0005 }, "http_req_duration": {{Trend}} } }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("headroom-k6-summary-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ImportK6Summary_Reported_ShowsWhatK6MeasuredAndNothingElse()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "load.summary.json"), Summary, TestContext.Current.CancellationToken);
        var imported = await RunAsync("import", "k6-summary", "load.summary.json");
        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        Assert.StartsWith("written: load.run.json\nguessed, please look:\n", imported.Output, StringComparison.Ordinal);

        var report = await RunAsync("report", "load.run.json", "--html", "load.html", "--csv-requests", "load.csv", "--prometheus", "load.prom");
        Assert.Equal(0, report.ExitCode);
        Assert.Contains("p50 4.00 ms, p95 12.0 ms, p99 20.0 ms, max 30.0 ms", report.Output, StringComparison.Ordinal);
        Assert.Contains("k6; latency counts from when requests were sent", report.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lag p99", report.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("generator", await ReadAsync("load.prom"), StringComparison.Ordinal);
        Assert.Contains(",2000,100,1,0.0005,0,0,,0,1,4.5,,4,5,9,12,20,28,30,", await ReadAsync("load.csv"), StringComparison.Ordinal);

        var compared = await RunAsync("compare", "load.run.json", "load.run.json");
        Assert.NotEqual(2, compared.ExitCode);
    }

    [Fact]
    public async Task ImportK6Summary_OntoAFileThatIsThere_IsRefused()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "s.json"), Summary, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "s.run.json"), "mine", TestContext.Current.CancellationToken);
        var refused = await RunAsync("import", "k6-summary", "s.json");
        Assert.Equal((2, "'s.run.json' exists; --force replaces it, --output writes elsewhere"), (refused.ExitCode, refused.Error.Trim()));
        Assert.Equal("mine", await ReadAsync("s.run.json"));
        Assert.Equal(0, (await RunAsync("import", "k6-summary", "s.json", "--force")).ExitCode);
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(_folder.FullName, name), TestContext.Current.CancellationToken);

    private async Task<HeadroomProcess.Result> RunAsync(params string[] arguments)
    {
        using var process = HeadroomProcess.Start(arguments, _folder.FullName);
        return await HeadroomProcess.FinishAsync(process);
    }
}
