using Headroom.Examples;

namespace Headroom.Caching.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void Example_OfTheReadme_IsTheCodeThatRunsHere()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Directory, "src/Optimize/Headroom.Caching/README.md"));
        var compiled = File.ReadAllText(Path.Combine(RepositoryRoot.Directory, "tests/Headroom.Caching.Tests/ReadmeExample.cs"));
        var statements = Lines(readme.Split("```csharp\n")[1].Split("```")[0]).Where(line => !line.StartsWith("using Headroom", StringComparison.Ordinal)).ToArray();
        var lines = Lines(compiled);
        var at = Array.IndexOf(lines, statements[0]);
        Assert.True(at >= 0, statements[0]);
        Assert.Equal(statements, lines.Skip(at).Take(statements.Length));
        ReadmeExample.Run();
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
