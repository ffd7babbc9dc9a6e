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

    /// <summary>The work of a person is not replaced by what is made from it, whatever it is called and whatever is forced.</summary>
    [Theory]
    [InlineData("plan.yaml")]
    [InlineData("./sub/../plan.yaml")]
    [InlineData("link.yaml")]
    [InlineData("folder/plan.yaml")]
    [InlineData("users.csv")]
    [InlineData("body.bin")]
    [InlineData("times.txt")]
    public async Task ExportK6_OntoThePlanOrAFileOfIts_IsRefusedEvenWhenForced(string output)
    {
        await WriteAsync("users.csv", "id\n1\n");
        await WriteAsync("body.bin", "bytes");
        await WriteAsync("times.txt", "0\n1\n");
        await WriteAsync("plan.yaml", """
            target: http://127.0.0.1:9
            feeders: { users: { file: users.csv } }
            requests: [ { url: "/${users.id}", method: POST, bodyFile: body.bin } ]
            scenarios: { s: { executor: replay, arrivals: times.txt } }

            """);
        _folder.CreateSubdirectory("sub");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "link.yaml"), "plan.yaml");
        Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "folder"), _folder.FullName);
        var before = Contents();

        var result = await RunAsync("export", "k6", "plan.yaml", "-o", output, "--force");

        Assert.Equal((2, "", $"--output: '{output}' is what is read here, and would be replaced; write another name"), (result.ExitCode, result.Output, result.Error.Trim()));
        Assert.Equal(before, Contents());
    }

    /// <summary>The rows of a feeder go beside the script, where a file of the plan may have that very name.</summary>
    [Fact]
    public async Task ExportK6_WhoseFileBesideTheScriptIsAFeederOfThePlan_IsRefusedEvenWhenForced()
    {
        await WriteAsync("plan.ids.json", $"[{string.Join(",", Enumerable.Range(0, 2000).Select(number => $$"""{"id":{{number}}}"""))}]");
        await WriteAsync("plan.yaml", "target: http://127.0.0.1:9\nfeeders: { ids: { file: plan.ids.json } }\nrequests: [ '/a/${ids.id}' ]\n");
        var before = Contents();
        var result = await RunAsync("export", "k6", "plan.yaml", "-o", "plan.js", "--force");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("plan.ids.json' is what is read here, and would be replaced; write another name", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Contents());
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

    private string[] Contents() => [.. _folder.GetFiles().Select(static file => $"{file.Name}: {file.LinkTarget ?? File.ReadAllText(file.FullName)}").Order(StringComparer.Ordinal)];

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), text, TestContext.Current.CancellationToken);

    private async Task<HeadroomProcess.Result> RunAsync(params string[] arguments)
    {
        using var process = HeadroomProcess.Start(arguments, _folder.FullName);
        return await HeadroomProcess.FinishAsync(process);
    }
}
