using System.Diagnostics;
using System.Text.Json;
using Headroom.Load.Tests.Plans;

namespace Headroom.Load.Tests.K6Export;

/// <summary>Runs an exported script once through, in Node with a stand-in for k6 that really sends.</summary>
internal static class NodeScript
{
    public static async Task<JsonElement> RunAsync(K6Script script, IReadOnlyDictionary<string, string> environment)
    {
        var node = Require.Tool("node");
        using var folder = new TemporaryFolder();
        var sources = RepositoryRoot.Combine("tests", "Headroom.Load.Tests", "K6Export", "Node");
        File.Copy(Path.Combine(sources, "run.js"), Path.Combine(folder.Path, "run.js"));
        var module = Directory.CreateDirectory(Path.Combine(folder.Path, "node_modules", "k6")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(sources, "k6")))
            File.Copy(file, Path.Combine(module, Path.GetFileName(file)));
        folder.Write("package.json", """{ "type": "module" }""");
        folder.Write("script.js", script.Text);
        foreach (var file in script.Files)
            folder.Write(file.Name, file.Content.ToArray());
        var start = new ProcessStartInfo(node, ["run.js", "script.js"]) { WorkingDirectory = folder.Path };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (exitCode, output) = await RunAsync(start);
        Assert.True(exitCode == 0, output);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Runs a program to its end and gives its exit code and all that it said.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
