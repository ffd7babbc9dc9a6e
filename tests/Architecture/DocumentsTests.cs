using Architecture.Rules;

namespace Architecture;

public sealed class DocumentsTests
{
    private const string Source = "src/Measure/Headroom.Load/Findings.cs";

    [Fact]
    public void Violations_ThisRepository_None() => RuleAssert.Holds(Documents.Violations(Repository.OfThisBuild));

    [Theory]
    [InlineData("Code = \"too-few\",")]
    [InlineData("new Finding(Code: \"too-few\")")]
    public void Violations_FindingWithoutPage_Named(string code)
    {
        using var scratch = new ScratchRepository().With(Source, code);

        Assert.Equal($"{Source}: the finding 'too-few' has no page docs/findings/too-few.md", Assert.Single(Documents.Violations(scratch.Open())));
    }

    [Fact]
    public void Violations_PageWithoutFinding_Named()
    {
        using var scratch = new ScratchRepository().With(Source, "").With("docs/findings/too-few.md", "");

        Assert.Equal("docs/findings/too-few.md: no source has the finding 'too-few'", Assert.Single(Documents.Violations(scratch.Open())));
    }

    [Fact]
    public void Violations_SourceNamesMissingDocument_Named()
    {
        using var scratch = new ScratchRepository().With(Source, "/// <summary>The contract (docs/run-file.md).</summary>");

        Assert.Equal($"{Source}: there is no docs/run-file.md", Assert.Single(Documents.Violations(scratch.Open())));
    }

    [Fact]
    public void Violations_LinkToMissingFile_Named()
    {
        using var scratch = new ScratchRepository().With("docs/a.md", "[b](b.md#part), [c](https://example.com/x), [d](#d), [here](.)");

        Assert.Equal("docs/a.md: the link to 'b.md#part' leads nowhere", Assert.Single(Documents.Violations(scratch.Open())));
    }
}
