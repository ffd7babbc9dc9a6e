using System.Diagnostics;

namespace Headroom.Reports.Tests;

/// <summary>The build step of the page (Web.targets), alone and without Node on the path.</summary>
public sealed class WebPageBuildTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-web-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task BuildWebPage_PageMissingAndNoNode_SaysWhatToInstall()
    {
        var (exitCode, output) = await BuildWithoutNodeAsync(Path.Combine(_folder, "report.html"));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("error HEADROOM001", output, StringComparison.Ordinal);
        Assert.Contains("Install Node.js 20.19 or newer with npm", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BuildWebPage_PageUpToDate_NeedsNoNode()
    {
        var page = Path.Combine(_folder, "report.html");
        await File.WriteAllTextAsync(page, "newer than every source", TestContext.Current.CancellationToken);

        var (exitCode, output) = await BuildWithoutNodeAsync(page);

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task UnitTests_OfThePage_Pass()
    {
        var node = Require.Tool("node");
        Assert.SkipUnless(Directory.Exists(RepositoryRoot.Combine("web", "node_modules")), "web/node_modules is missing: the page was built elsewhere");

        var (exitCode, output) = await ExternalProgram.RunAsync(new ProcessStartInfo(node, ["node_modules/vitest/vitest.mjs", "run", "--reporter=dot"]) { WorkingDirectory = RepositoryRoot.Combine("web") });

        Assert.True(exitCode == 0, output);
    }

    private Task<(int ExitCode, string Output)> BuildWithoutNodeAsync(string page)
    {
        // MSBuild runs commands through a shell, which it looks for on the path; so that is all there is on it.
        var path = Path.Combine(_folder, "path");
        Directory.CreateDirectory(path);
        File.CreateSymbolicLink(Path.Combine(path, "sh"), Require.Tool("sh"));
        var targets = RepositoryRoot.Combine("src", "Measure", "Headroom.Reports", "Web.targets");
        var start = new ProcessStartInfo(Require.Tool("dotnet"), ["msbuild", targets, "-t:BuildWebPage", $"-p:WebPage={page}", "-nologo", "-nodeReuse:false"]);
        start.Environment["PATH"] = path;
        return ExternalProgram.RunAsync(start);
    }
}
