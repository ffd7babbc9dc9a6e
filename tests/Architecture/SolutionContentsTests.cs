using Architecture.Rules;
using static Architecture.ScratchRepository;

namespace Architecture;

public sealed class SolutionContentsTests
{
    [Fact]
    public void Violations_ThisRepository_None() => RuleAssert.Holds(SolutionContents.Violations(Repository.OfThisBuild));

    [Fact]
    public void Violations_WholeRepository_None()
    {
        using var scratch = Whole();

        Assert.Empty(SolutionContents.Violations(scratch.Open()));
    }

    [Theory]
    [InlineData("Headroom.slnx", "<Solution><Project Path=\"src/Measure/A/A.csproj\" /></Solution>", "tests/A.Tests/A.Tests.csproj is not in Headroom.slnx")]
    [InlineData("Headroom.slnx", "<Solution><Project Path=\"src/Measure/A/A.csproj\" /><Project Path=\"tests/A.Tests/A.Tests.csproj\" /><Project Path=\"gone.csproj\" /></Solution>", "Headroom.slnx names gone.csproj, which does not exist")]
    [InlineData("docs/decisions/dependencies.md", "none", "docs/decisions/dependencies.md gives no reason for `Dapper`")]
    [InlineData("src/Measure/A/packages.lock.json", "{\"dependencies\":{\"net10.0\":{}}}", "Directory.Packages.props: no project uses Dapper; take it out")]
    public void Violations_OneThingWrong_NamesIt(string file, string content, string expected)
    {
        using var scratch = Whole().With(file, content);

        Assert.Equal(expected, Assert.Single(SolutionContents.Violations(scratch.Open())));
    }

    [Fact]
    public void Violations_LockFileWithAddress_Named()
    {
        using var scratch = Whole().With("tests/A.Tests/packages.lock.json", "{\"dependencies\":{},\"resolved\":\"https://example.com/a.nupkg\"}");

        Assert.StartsWith("tests/A.Tests/packages.lock.json names an address", Assert.Single(SolutionContents.Violations(scratch.Open())), StringComparison.Ordinal);
    }

    [Fact]
    public void Violations_ProjectWithoutTestsOrLockFile_Named()
    {
        using var scratch = Whole()
            .WithProject("src/Apps/B/B.csproj")
            .With("Headroom.slnx", "<Solution><Project Path=\"src/Measure/A/A.csproj\" /><Project Path=\"src/Apps/B/B.csproj\" /><Project Path=\"tests/A.Tests/A.Tests.csproj\" /></Solution>");

        var violations = SolutionContents.Violations(scratch.Open()).ToList();

        Assert.Equal(2, violations.Count);
        Assert.Equal("src/Apps/B/B.csproj has no tests in tests/B.Tests/", violations[0]);
        Assert.StartsWith("src/Apps/B/packages.lock.json is missing", violations[1], StringComparison.Ordinal);
    }

    private static ScratchRepository Whole() => new ScratchRepository()
        .WithProject("src/Measure/A/A.csproj", Package("Dapper"))
        .With("src/Measure/A/packages.lock.json", "{\"dependencies\":{\"net10.0\":{\"Dapper\":{\"type\":\"Direct\"}}}}")
        .WithProject("tests/A.Tests/A.Tests.csproj")
        .With("tests/A.Tests/ATests.cs", "")
        .With("tests/A.Tests/packages.lock.json", "{\"dependencies\":{}}")
        .With("Headroom.slnx", "<Solution><Project Path=\"src/Measure/A/A.csproj\" /><Project Path=\"tests/A.Tests/A.Tests.csproj\" /></Solution>")
        .With("Directory.Packages.props", "<Project><ItemGroup><PackageVersion Include=\"Dapper\" Version=\"1.0.0\" /></ItemGroup></Project>")
        .With("docs/decisions/dependencies.md", "| `Dapper` | maps rows |");
}
