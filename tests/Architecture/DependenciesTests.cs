using Architecture.Rules;
using static Architecture.ScratchRepository;

namespace Architecture;

public sealed class DependenciesTests
{
    [Fact]
    public void Violations_ThisRepository_None() => RuleAssert.Holds(Dependencies.Violations(Repository.OfThisBuild));

    [Theory]
    [InlineData("src/Measure/Headroom.Load", "Headroom.Telemetry")]
    [InlineData("src/Measure/Headroom.Load", "Headroom.Reports")]
    [InlineData("src/Measure/Headroom.Measurements", "Headroom.Load")]
    [InlineData("src/Optimize/Headroom.Http", "Headroom.Measurements")]
    [InlineData("src/Optimize/Headroom.Http", "Headroom.Redis")]
    [InlineData("src/Optimize/Headroom.Telemetry", "Headroom.Http")]
    [InlineData("src/Optimize/Headroom.Postgres", "Headroom.Caching")]
    [InlineData("src/Measure/Headroom.Reports", "ReferenceApi")]
    public void Violations_ArrowAgainstTheHouse_NamesBothEnds(string directory, string used)
    {
        var name = Path.GetFileName(directory);
        using var scratch = new ScratchRepository().WithProject($"{directory}/{name}.csproj", ProjectReference(used));

        var violation = Assert.Single(Dependencies.Violations(scratch.Open()));

        Assert.Contains($"{name} may not use {used}", violation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("src/Measure/Headroom.Measurements", "YamlDotNet")]
    [InlineData("src/Optimize/Headroom.Telemetry", "OpenTelemetry")]
    [InlineData("src/Optimize/Headroom.Data", "Npgsql")]
    public void Violations_PackageNotChosenForTheLibrary_NamesIt(string directory, string package)
    {
        var name = Path.GetFileName(directory);
        using var scratch = new ScratchRepository().WithProject($"{directory}/{name}.csproj", Package(package));

        var violation = Assert.Single(Dependencies.Violations(scratch.Open()));

        Assert.Contains($"{name} may not use the package {package}", violation, StringComparison.Ordinal);
    }

    [Fact]
    public void Violations_MeasuringLibraryWithAspNetCore_Named()
    {
        using var scratch = new ScratchRepository().WithProject("src/Measure/Headroom.Load/Headroom.Load.csproj", "<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />");

        Assert.Contains("knows nothing of ASP.NET Core", Assert.Single(Dependencies.Violations(scratch.Open())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("src/Measure/Headroom.Guesses/Headroom.Guesses.csproj")]
    [InlineData("src/Shared/Headroom.Shared/Headroom.Shared.csproj")]
    public void Violations_UnknownLibraryOrArea_Named(string file)
    {
        using var scratch = new ScratchRepository().WithProject(file);

        Assert.StartsWith(file, Assert.Single(Dependencies.Violations(scratch.Open())), StringComparison.Ordinal);
    }

    [Fact]
    public void Violations_AppThatUsesTests_Named()
    {
        using var scratch = new ScratchRepository()
            .WithProject("tests/Headroom.Load.Tests/Headroom.Load.Tests.csproj")
            .WithProject("src/Apps/Headroom.Cli/Headroom.Cli.csproj", ProjectReference("Headroom.Load.Tests"));

        Assert.Contains("nothing uses tests", Assert.Single(Dependencies.Violations(scratch.Open())), StringComparison.Ordinal);
    }
}
