using System.Globalization;
using System.Net;
using System.Text;
using Headroom.Examples;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Tests;

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
    public async Task Example_Started_ShowsMetricsAndSummary()
    {
        await using var app = ReadmeExample.Build(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var item = await client.GetAsync("/items/7", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, item.StatusCode);
        Assert.Contains("db_client_operation_duration_seconds_count", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\"totalQueries\":1", await client.GetStringAsync("/api/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Configuration_IsValidAndTheDefaultsAreStated()
    {
        var page = Resource("telemetry.md");
        var json = page.Split("```json\n")[1].Split("```")[0];
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build())
            .AddHeadroomTelemetry()
            .BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<TelemetryOptions>>().Value;
        Assert.Equal(5, options.Meters.Count);
        Assert.Equal(2, options.HistogramBoundaries.Count);

        var defaults = new TelemetryOptions();
        Assert.Contains($"| `Meters` | {string.Join(", ", defaults.Meters.Select(meter => $"`{meter}`"))} |", page, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| `MaxSeriesPerInstrument` | {defaults.MaxSeriesPerInstrument:N0} |"), page, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| `MaxLabelValueLength` | {defaults.MaxLabelValueLength:N0} characters |"), page, StringComparison.Ordinal);
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static string Resource(string name)
    {
        using var stream = typeof(ReadmeTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
