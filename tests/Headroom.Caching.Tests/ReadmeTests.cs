using Headroom.Examples;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Caching.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void Example_OfTheReadme_IsTheCodeThatIsCompiledHere()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Directory, "src/Optimize/Headroom.Caching/README.md"));
        var lines = Lines(File.ReadAllText(Path.Combine(RepositoryRoot.Directory, "tests/Headroom.Caching.Tests/ReadmeExample.cs")));
        var statements = Lines(readme.Split("```csharp\n")[1].Split("```")[0])
            .Where(line => !line.StartsWith("using ", StringComparison.Ordinal) && line != "app.Run();").ToArray();
        var at = Array.IndexOf(lines, statements[0]);
        Assert.True(at >= 0, statements[0]);
        Assert.Equal(statements, lines.Skip(at).Take(statements.Length));
    }

    [Fact]
    public async Task Example_Started_CachesUntilTheTagIsRemoved()
    {
        await using var app = ReadmeExample.Build(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Contains("user 7", await client.GetStringAsync("/users/7", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(app.Services.GetRequiredService<IHeadroomCache>().TryGet<string>("user:7", out _));
        using var removed = await client.DeleteAsync("/users", TestContext.Current.CancellationToken);
        Assert.False(app.Services.GetRequiredService<IHeadroomCache>().TryGet<string>("user:7", out _));
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
