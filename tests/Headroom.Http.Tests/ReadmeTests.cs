using System.Net;
using Headroom.Examples;

namespace Headroom.Http.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void Example_OfTheReadme_IsTheCodeThatIsCompiledHere()
    {
        var example = Resource("README.md").Split("```csharp\n")[1].Split("```")[0];
        var compiled = Lines(Resource("ReadmeExample.cs"));
        var lines = Lines(example).Where(line => line != "app.Run();").ToArray();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(line, compiled));
        // In the same order, without gaps, from the builder on.
        var at = Array.IndexOf(compiled, "var builder = WebApplication.CreateBuilder(args);");
        var statements = lines.SkipWhile(line => line.StartsWith("using ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(statements, compiled.Skip(at).Take(statements.Length));
    }

    [Fact]
    public async Task Example_Started_AnswersFromTheCacheUntilItIsPurged()
    {
        await using var app = ReadmeExample.Build(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var full = await client.GetAsync("/overview", TestContext.Current.CancellationToken);
        using var hit = await client.GetAsync("/overview", TestContext.Current.CancellationToken);
        Assert.StartsWith("Headroom; hit", hit.Header("Cache-Status"), StringComparison.Ordinal);
        client.DefaultRequestHeaders.IfNoneMatch.Add(full.Headers.ETag!);
        using var known = await client.GetAsync("/overview", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var purge = await client.PostAsync("/chats", null, TestContext.Current.CancellationToken);
        using var again = await client.GetAsync("/overview", TestContext.Current.CancellationToken);
        Assert.Contains("fwd=uri-miss", again.Header("Cache-Status"), StringComparison.Ordinal);
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static string Resource(string name)
    {
        using var stream = typeof(ReadmeTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
