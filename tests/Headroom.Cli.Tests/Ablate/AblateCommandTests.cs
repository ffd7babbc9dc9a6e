using System.Text.Json.Nodes;

namespace Headroom.Cli.Tests.Ablate;

public sealed class AblateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-ablate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ablate_TwoSwitchesOfTheReferenceApi_SaysWhatEachIsWorthInEveryReport()
    {
        var variants = Write("variants.yaml", $$"""
            name: two switches
            command: dotnet {headroom}/demo/ReferenceApi.dll --plain --urls {url} --data {{_folder}}
            ready: /api/v2/health
            switches:
              ResponseCache: { environment: { Headroom__Features__ResponseCache: "true" } }
              QueryCache: { arguments: "--Headroom:Features:QueryCache=true" }
            """);
        var plan = Write("plan.yaml", "name: overview\nrequests: [ /api/iris/overview ]\nscenarios: { s: { executor: constant-vus, vus: 2, duration: 5s } }\n");
        string[] files = [Path.Combine(_folder, "s.json"), Path.Combine(_folder, "r.html"), Path.Combine(_folder, "r.md")];

        var result = await HeadroomProcess.RunAsync(
            "ablate", "--variants", variants, plan, "--blocks", "6", "--duration", "200ms", "--warmup", "100ms", "--out", files[0], "--html", files[1], "--markdown", files[2]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("There will be intervals, but no verdicts: 2 switches need --blocks 8 or more.", result.Error, StringComparison.Ordinal);
        Assert.Contains("All 2 switches together", result.Output, StringComparison.Ordinal);
        Assert.Contains("--seed ", result.Output, StringComparison.Ordinal);
        Assert.All(files, file => Assert.True(File.Exists(file)));
        var session = JsonNode.Parse(await File.ReadAllTextAsync(files[0], TestContext.Current.CancellationToken))!;
        Assert.Equal(["plain", "all", "+ ResponseCache", "+ QueryCache", "− ResponseCache", "− QueryCache"], session["variants"]!.AsArray().Select(variant => (string)variant!["name"]!));
        Assert.Equal(36, session["runs"]!.AsArray().Count);

        // An overview that is made anew each time costs many times what a kept one does.
        var worth = session["ablation"]!["switches"]!.AsArray().Single(one => (string)one!["name"]! == "ResponseCache")!;
        Assert.True((double)worth["alone"]!.AsArray().Single(metric => (string)metric!["metric"]! == "p50")!["change"]! < -0.2);
    }

    [Fact]
    public async Task Ablate_WrongUse_SaysWhatToWrite()
    {
        var variants = Write("variants.yaml", "command: x\nswitches: { a: { argument: --a } }\n");
        var plan = Write("plan.yaml", "requests: [ / ]\n");
        await AssertAsync("did you mean 'arguments'?", "ablate", "--variants", variants, plan);
        await AssertAsync("--variants", "ablate", plan);
        await AssertAsync("PLAN is missing", "ablate", "--variants", variants);
        await AssertAsync("a whole number from 6 to 200", "ablate", "--variants", variants, plan, "--blocks", "2");
    }

    private static async Task AssertAsync(string expected, params string[] arguments)
    {
        var result = await HeadroomProcess.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
