using Architecture.Rules;

namespace Architecture;

public sealed class AbstractSuitesTests
{
    private const string Suite = "public abstract class WireSuite\n{\n    [Fact]\n    public void Get_Sent_Answered() { }\n}\n";

    [Fact]
    public void Violations_ThisRepository_None() => RuleAssert.Holds(AbstractSuites.Violations(Repository.OfThisBuild));

    [Fact]
    public void Violations_NobodyDerives_Named()
    {
        using var scratch = new ScratchRepository().With("tests/Wires/WireSuite.cs", Suite);

        Assert.Contains("WireSuite", Assert.Single(AbstractSuites.Violations(scratch.Open())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public sealed class EpollTests : WireSuite;")]
    [InlineData("public sealed class EpollTests(ITestOutputHelper output) : WireSuite(output)\n{\n}")]
    public void Violations_SomebodyDerives_None(string derived)
    {
        using var scratch = new ScratchRepository().With("tests/Wires/WireSuite.cs", Suite).With("tests/Wires/EpollTests.cs", derived);

        Assert.Empty(AbstractSuites.Violations(scratch.Open()));
    }

    [Fact]
    public void Violations_AbstractClassWithoutTests_None()
    {
        using var scratch = new ScratchRepository().With("tests/Wires/Server.cs", "public abstract class Server;");

        Assert.Empty(AbstractSuites.Violations(scratch.Open()));
    }
}
