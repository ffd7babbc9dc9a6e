namespace Headroom.Cli.Tests.Plan;

/// <summary>Every bad input that a plan can have, as <c>headroom plan check</c> tells it. The reader's own tests have more of each.</summary>
public sealed class PlanMistakeTests : IDisposable
{
    private const string Before = "target: http://127.0.0.1:1\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-mistakes-").FullName;

    /// <summary>The text begins in line 2. What is expected begins with line and column.</summary>
    private static readonly (string Text, string Expected)[] Mistakes =
    [
        ("requests: [ { url: /a, wieght: 2 } ]", "2:24: unknown key 'wieght' in a request; allowed:"),
        ("request: [ /a ]\nrequests: [ /a ]", "2:1: unknown key 'request' in the plan; allowed:"),
        ("requests: /a", "2:11: 'requests' must be a list"),
        ("requests: [ /a ]\ncookies: maybe", "3:10: 'cookies' must be true or false; found 'maybe'"),
        ("requests: [ { url: /a, weight: many } ]", "2:32: 'weight' must be a number; found 'many'"),
        ("requests: [ { url: /a, weight: 0 } ]", "2:32: weight is 0; it must be above 0"),
        ("flows: { f: { weight: -1, steps: [ /a ] } }", "2:23: weight is -1; it must be above 0"),
        ("flows: { f: [ { oneOf: [ { weight: 0, url: /a }, /b ] } ] }", "2:36: weight is 0; it must be above 0"),
        ("requests: [ /a ]\nscenarios: { s: { executor: constant-arrival-rate, rate: -5, duration: 1s } }", "3:58: rate is '-5'; write arrivals per second above 0"),
        ("requests: [ /a ]\nscenarios: { s: { executor: constant-vus, vus: 0, duration: 1s } }", "3:48: 'vus' must be a whole number from 1 to 65535; found '0'"),
        ("requests: [ /a ]\nscenarios: { s: { executor: ramping-vus, startVUs: 0, stages: [ { duration: 10s, target: 0 } ] } }", "3:63: the stages of scenario 's' go nowhere"),
        ("requests: [ /a ]\nscenarios: { s: { executor: ramping-vus, stages: [] } }", "3:50: scenario 's' has no stage; write at least one"),
        ("requests: [ /a ]\nscenarios: { s: { executor: constant-vu, duration: 1s } }", "3:29: 'executor' is 'constant-vu'; allowed: constant-vus,"),
        ("requests: [ /a ]\nscenarios: { s: { executor: constant-vus, rate: 5, duration: 1s } }", "3:43: 'rate' does not go with executor 'constant-vus'"),
        ("requests: [ /a ]\ntimeout: 5", "3:10: 'timeout' must be a duration with its unit"),
        ("feeders: { f: { rows: [ { a: 1 } ], atEnd: again } }\nrequests: [ '/${f.a}' ]", "2:44: 'atEnd' is 'again'; allowed: recycle, stop, error"),
        ("feeders: { f: { file: none.csv } }\nrequests: [ /a ]", "2:23: feeder file 'none.csv' cannot be read"),
        ("requests: [ { url: /a, extract: { t: $..a } } ]", "2:38: "),
        ("requests: [ '/a/${id}' ]", "2:13: url of request 'GET /a/${id}' uses '${id}', which nothing sets"),
        ("requests: [ { url: /a, checks: [ { bodyMatches: '[' } ] } ]", "2:34: regular expression '[' is not valid"),
        ("requests: [ /a ]\ncaptureLimit: 1TB", "3:15: 'captureLimit' must be a size such as 1MB"),
        ("requests: [ /a ]\nthresholds: { http_req_duration: [ p(95)<500ms< ] }", "3:36: "),
        ("requests: [ /a", "3:1: not valid YAML"),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Check_EveryBadInput_IsToldAtItsPlace()
    {
        var files = Mistakes.Select((mistake, index) =>
        {
            var file = Path.Combine(_folder, $"plan-{index}.yaml");
            File.WriteAllText(file, Before + mistake.Text);
            return file;
        }).ToList();
        var result = await HeadroomProcess.RunAsync(["plan", "check", .. files]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        var told = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(files.Zip(Mistakes), pair =>
            Assert.StartsWith($"{pair.First}:{pair.Second.Expected}", Assert.Single(told, line => line.StartsWith(pair.First + ":", StringComparison.Ordinal)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_PlanWithManyMistakes_TellsAllOfThemAtOnce()
    {
        var file = Path.Combine(_folder, "plan.yaml");
        await File.WriteAllTextAsync(file, """
            target: http://127.0.0.1:1
            cookies: maybe
            feeders: { f: { file: none.csv } }
            requests:
              - { url: /a, weight: 0 }
              - { url: "/b/${id}" }
            scenarios:
              s: { executor: constant-vus, vus: 0, duration: 1s }
              t: { executor: ramping-vus, stages: [] }
            unknown: 1
            """, TestContext.Current.CancellationToken);
        var result = await HeadroomProcess.RunAsync("plan", "check", file);
        Assert.Equal(2, result.ExitCode);
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line[(file.Length + 1)..].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal([2, 3, 5, 6, 8, 9, 10], lines.Order());
    }
}
