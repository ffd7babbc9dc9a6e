using Architecture.Rules;

namespace Architecture;

public sealed class NamesTests
{
    [Fact]
    public void Violations_ThisRepository_None() => RuleAssert.Holds(Names.Violations(Repository.OfThisBuild));

    [Theory]
    [InlineData("src/Measure/Headroom.Load/Utils/Clock.cs", "src/Measure/Headroom.Load/Utils")]
    [InlineData("src/Optimize/Headroom.Http/helpers/Clock.cs", "src/Optimize/Headroom.Http/helpers")]
    [InlineData("src/Apps/Headroom.Cli/Bench/Models/Plan.cs", "src/Apps/Headroom.Cli/Bench/Models")]
    [InlineData("src/Apps/Headroom.Cli/ConnectionManager.cs", "src/Apps/Headroom.Cli/ConnectionManager.cs")]
    public void Violations_NameThatSaysNothing_Named(string file, string named)
    {
        using var scratch = new ScratchRepository().With(file, "");

        Assert.StartsWith(named + ":", Assert.Single(Names.Violations(scratch.Open())), StringComparison.Ordinal);
    }

    [Fact]
    public void Violations_SameNameOutsideSrc_Allowed()
    {
        using var scratch = new ScratchRepository().With("tests/services/start.sh", "");

        Assert.Empty(Names.Violations(scratch.Open()));
    }
}
