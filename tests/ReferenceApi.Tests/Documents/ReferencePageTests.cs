using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ReferenceApi.Answers;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Hosting;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Documents;

/// <summary>docs/reference-api.md names what there is, and nothing else.</summary>
public sealed partial class ReferencePageTests
{
    private static readonly string Page = File.ReadAllText(RepositoryRoot.Combine("docs", "reference-api.md"));

    [Fact]
    public async Task Endpoints_OfTheProgram_AreThoseOfThePage()
    {
        await using var api = await ApiServer.StartAsync("--plain");
        var mapped = api.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [HttpMethods.Get])
                .Where(method => !HttpMethods.IsHead(method))
                .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}"));

        Assert.Equal(
            mapped.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            EndpointRow().Matches(Page).Select(match => match.Groups["endpoint"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Features_OfTheProgram_AreThoseOfThePage() =>
        Assert.Equal(FeatureSet.All.Select(feature => feature.ToString()), FeatureRow().Matches(Page).Select(match => match.Groups["feature"].Value));

    [Fact]
    public void Options_OfTheCommandLine_AreOnThePage() =>
        Assert.All(
            OptionName().Matches(StartOptions.Usage).Select(match => match.Value).Where(option => option != "--help").Distinct(StringComparer.Ordinal),
            option => Assert.Contains($"`{option}", Page, StringComparison.Ordinal));

    [Fact]
    public void Figures_OfThePage_AreTheProgramsOwn()
    {
        Assert.Contains($"default {DataSetSpecification.DefaultSeed}", Page, StringComparison.Ordinal);
        Assert.Contains($"{Document.LoadAll().Count} short documents", Page, StringComparison.Ordinal);
        Assert.Contains($"**{AnswerEngine.ModelDelayMs} ms of artificial delay**", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void ApiKeys_OfThePage_AreThoseOfTheDataSet() =>
        Assert.All(
            ApiKeyRows.DocumentedKeys(DataSetSpecification.Create("small", DataSetSpecification.DefaultSeed)),
            row => Assert.Contains($"| {row.Client} | `{row.Key}` | {row.State}", Page, StringComparison.Ordinal));

    [GeneratedRegex(@"^\| `(?<endpoint>(GET|POST) /[^`]*)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex EndpointRow();

    [GeneratedRegex(@"^\| `(?<feature>[A-Z][A-Za-z]+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FeatureRow();

    [GeneratedRegex(@"--[a-z-]+", RegexOptions.NonBacktracking)]
    private static partial Regex OptionName();
}
