using Architecture.Rules;

namespace Architecture;

public sealed class FileContentsTests
{
    [Fact]
    public void Violations_ThisRepository_None() => RuleAssert.Holds(FileContents.Violations(Repository.OfThisBuild));

    [Fact]
    public async Task ScriptViolations_ThisRepository_None() =>
        RuleAssert.Holds(await FileContents.ScriptViolationsAsync(Repository.OfThisBuild, TestContext.Current.CancellationToken));

    // The parts are joined here, so that this file keeps the rule it tests.
    [Theory]
    [InlineData("see https://www.nuget", ".org/packages/x", "registry host")]
    [InlineData("\"resolved\": \"https://registry.npmjs", ".org/x\"", "registry host")]
    [InlineData("cd /work", "/main", "path of one machine")]
    [InlineData("var path = \"/home", "/ada/headroom\";", "path of one machine")]
    [InlineData("'/root", "/.cache'", "path of one machine")]
    [InlineData("open /Users", "/ada/headroom", "path of one machine")]
    [InlineData(@"C:\Users", @"\ada", "path of one machine")]
    public void Violations_LineOfOneMachine_NamesFileAndLine(string beginning, string end, string expected)
    {
        using var scratch = new ScratchRepository().With("docs/a.md", $"first\n{beginning}{end}\n");

        var violation = Assert.Single(FileContents.Violations(scratch.Open()));

        Assert.StartsWith("docs/a.md(2): ", violation, StringComparison.Ordinal);
        Assert.Contains(expected, violation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /api/users/root/1")]
    [InlineData("src/work/a.cs and $root/headroom")]
    [InlineData("the /home page")]
    public void Violations_PathThatIsNoMachines_Allowed(string line)
    {
        using var scratch = new ScratchRepository().With("docs/a.md", line);

        Assert.Empty(FileContents.Violations(scratch.Open()));
    }

    [Fact]
    public void Violations_BinaryFile_NotRead()
    {
        using var scratch = new ScratchRepository().With("docs/a.png", "\0 /work" + "/main");

        Assert.Empty(FileContents.Violations(scratch.Open()));
    }

    [Fact]
    public async Task ScriptViolations_BrokenOrNotExecutable_Named()
    {
        using var scratch = new ScratchRepository()
            .With("deploy/broken.sh", "if true; then\n")
            .With("run", "#!/usr/bin/env bash\ntrue\n")
            .With("docs/fine.txt", "if true; then\n");

        var violations = await FileContents.ScriptViolationsAsync(scratch.Open(), TestContext.Current.CancellationToken);

        Assert.Equal(2, violations.Count);
        Assert.StartsWith("deploy/broken.sh: ", violations[0], StringComparison.Ordinal);
        Assert.StartsWith("run: begins with #! and is not executable", violations[1], StringComparison.Ordinal);
    }
}
