namespace Headroom.Cli.Tests.Export;

/// <summary><c>headroom export k6</c> as a person uses it.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private const string Plan = "name: p\ntarget: http://127.0.0.1:9\nrequests: [ /a ]\nscenarios: { s: { executor: constant-arrival-rate, rate: 5, duration: 1s } }\ntargets: [ rss<1MB ]\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("headroom-export-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ExportK6_ToStandardOutput_IsTheScriptAloneAndTheNotesAreBeside()
    {
        await WriteAsync("plan.yaml", Plan);
        var result = await RunAsync("export", "k6", "plan.yaml");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("// @ts-check\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("executor: 'constant-arrival-rate', rate: 5, timeUnit: '1s'", result.Output, StringComparison.Ordinal);
        Assert.Contains("target 'rss<1MB': is left out: k6 does not measure it\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("* - target 'rss<1MB': is left out", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportK6_ToAFile_WritesItOnceUnlessForced()
    {
        await WriteAsync("plan.yaml", Plan);
        var first = await RunAsync("export", "k6", "plan.yaml", "-o", "load.js", "--base-url", "http://127.0.0.1:10");
        var refused = await RunAsync("export", "k6", "plan.yaml", "-o", "load.js");
        var forced = await RunAsync("export", "k6", "plan.yaml", "-o", "load.js", "--force");
        Assert.Equal((0, "written: load.js\n"), (first.ExitCode, first.Output));
        Assert.Equal((2, "'load.js' exists; --force replaces it, --output writes elsewhere"), (refused.ExitCode, refused.Error.Trim()));
        Assert.Equal(0, forced.ExitCode);
        Assert.Contains("__ENV.SUMMARY || 'load.summary.json'", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "load.js"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportK6_FilesBesideTheScriptAndNoPlaceForThem_AreToldAndNothingIsWritten()
    {
        var rows = string.Join(", ", Enumerable.Range(0, 1000).Select(number => $"{{ id: {number} }}"));
        await WriteAsync("plan.yaml", $"target: http://127.0.0.1:9\nfeeders: {{ ids: {{ rows: [ {rows} ] }} }}\nrequests: [ '/a/${{ids.id}}' ]\n");
        var refused = await RunAsync("export", "k6", "plan.yaml");
        Assert.Equal((2, "", "the script has files beside it (plan.ids.json); give --output a file name"), (refused.ExitCode, refused.Output, refused.Error.Trim()));
        var written = await RunAsync("export", "k6", "plan.yaml", "-o", "plan.js");
        Assert.Equal(0, written.ExitCode);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "plan.ids.json")));
    }

    [Theory]
    [InlineData("no-such.yaml", "no-such.yaml: there is no such file")]
    [InlineData("wrong.yaml", "wrong.yaml:1:1: unknown key 'x' in the plan")]
    [InlineData("--ouput", "unknown option '--ouput'; did you mean '--output'?")]
    public async Task ExportK6_WhatCannotBeRead_IsToldWithExitCode2(string plan, string expected)
    {
        await WriteAsync("wrong.yaml", "x: 1\nrequests: [ http://127.0.0.1:9/a ]\n");
        var result = await RunAsync("export", "k6", plan);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), text, TestContext.Current.CancellationToken);

    private async Task<HeadroomProcess.Result> RunAsync(params string[] arguments)
    {
        using var process = HeadroomProcess.Start(arguments, _folder.FullName);
        return await HeadroomProcess.FinishAsync(process);
    }
}
