using Headroom.Examples;

namespace Headroom.Redis.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void Example_OfTheReadme_IsTheCodeThatIsCompiledHere()
    {
        var compiled = Lines(File.ReadAllText(RepositoryRoot.Combine("tests", "Headroom.Redis.Tests", "ReadmeExample.cs"))
            .Replace(".Replace(\"localhost:6379\", address, StringComparison.Ordinal)", "", StringComparison.Ordinal));
        var example = Lines(File.ReadAllText(RepositoryRoot.Combine("src", "Optimize", "Headroom.Redis", "README.md")).Split("```csharp\n")[1].Split("```")[0]);
        var statements = example.Where(line => !line.StartsWith("using Headroom", StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, statements.Length);
        Assert.Equal(statements, compiled.Skip(Array.IndexOf(compiled, statements[0])).Take(statements.Length));
    }

    [Fact]
    public async Task Example_Run_PrintsTheValue()
    {
        await using var output = new StringWriter();
        await ReadmeExample.RunAsync(Require.Redis(), output);
        Assert.Equal("5 bytes: hello", output.ToString().Trim());
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
