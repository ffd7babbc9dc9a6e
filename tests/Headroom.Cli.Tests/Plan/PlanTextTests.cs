using Headroom.Cli.Plan;
using Headroom.Load;

namespace Headroom.Cli.Tests.Plan;

public sealed class PlanTextTests
{
    private const string EveryKind = """
        name: every kind
        target: http://127.0.0.1:8080/base
        headers: { Authorization: "Bearer ${token}" }
        vars: { page: 20 }
        feeders:
          users: { rows: [ { id: 1, name: a }, { id: 2, name: b } ], order: unique, atEnd: stop }
          words: { rows: [ { q: x } ] }
        setup: [ { name: log in, url: /login, method: POST, json: { user: secret-user, password: secret-password }, extract: { token: $.token } } ]
        teardown: [ /logout ]
        requests:
          - { name: list, url: "/list?limit=${page}&q=${words.q}", weight: 3, checks: [ { status: 200 }, { size: "<10KB" } ] }
          - { name: "odd\u0007name", url: /odd }
        flows:
          shop:
            weight: 4
            steps:
              - { url: "/users/${users.id}", extract: { cart: { header: Location, regex: "carts/(\\d+)", default: "0" }, csrf: { regex: "csrf=(.*?)" } } }
              - think: { min: 1s, max: 3s }
              - oneOf:
                - { weight: 3, url: "/carts/${cart}" }
                - { weight: 1, steps: [ { think: { exponential: 1500ms } }, /out ] }
        scenarios:
          ramp: { executor: ramping-vus, startVUs: 0, stages: [ { duration: 30s, target: 40 }, { duration: 30s, target: 40 }, { duration: 0s, target: 5 }, { duration: 1m, target: 0 } ], flows: [ shop ] }
          rate: { executor: ramping-arrival-rate, startRate: 10, maxVUs: 30, startTime: 30s, stages: [ { duration: 1m, target: 0.5/s } ], requests: [ list ] }
          steady: { executor: constant-arrival-rate, rate: 90/m, maxVUs: 4, duration: 1m, warmup: 10s, thinkTime: 250ms }
          users: { executor: constant-vus, vus: 1, duration: 1m30s, startTime: 20s, thinkTime: { exponential: 2s } }
          each: { executor: per-vu-iterations, vus: 3, iterations: 10, maxDuration: 2m }
          all: { executor: shared-iterations, vus: 3, iterations: 100, maxDuration: 1m }
          again: { executor: replay, maxVUs: 10, arrivals: [ 0, 1, 1.5, 50, 51, 51, 52 ] }
        thresholds:
          http_req_duration: [ { threshold: "p(95)<500", abortOnFail: true, delayAbortEval: 10s } ]
        targets: [ errors<1% ]
        """;

    [Theory]
    [InlineData("wide.txt", 100, true)]
    [InlineData("narrow-ascii.txt", 44, false)]
    public void Write_PlanWithEverything_ReadsAsJudged(string golden, int width, bool unicode)
    {
        var text = Show(EveryKind, width, unicode);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= width, line));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0007', text);
        if (!unicode)
            Assert.All(text, letter => Assert.True(char.IsAscii(letter), letter.ToString()));
        AssertGolden(golden, text);
    }

    [Theory]
    [InlineData("smoke")]
    [InlineData("load")]
    [InlineData("stress")]
    [InlineData("spike")]
    [InlineData("mixed")]
    [InlineData("soak")]
    public void LevelAt_AnyProfile_IsNeverAboveItsConnectionsOrRate(string profile)
    {
        var scenario = LoadProfiles.For(profile, profile == LoadProfiles.Soak ? 100 : null)[0];
        var most = scenario.Executor == ExecutorKind.ConstantArrivalRate ? scenario.RatePerSecond : scenario.Connections;
        var levels = Enumerable.Range(0, 1000).Select(i => LoadPlot.LevelAt(scenario, PlanSummary.EndOf(scenario) * (i / 1000.0))).ToArray();
        Assert.All(levels, level => Assert.InRange(level, 1, most));
        Assert.Equal(most, levels.Max(), 0.5);
        Assert.Equal(0, LoadPlot.LevelAt(scenario, PlanSummary.EndOf(scenario)));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.25, "250ms")]
    [InlineData(1.5, "1.5s")]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h")]
    [InlineData(5430, "1h30m30s")]
    public void Text_Durations_ReadAsPlansWriteThem(double seconds, string expected) => Assert.Equal(expected, PlanSummary.Text(TimeSpan.FromSeconds(seconds)));

    private static string Show(string yaml, int width, bool unicode)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        PlanText.Write(writer, LoadPlanFile.Parse(yaml, "plan.yaml", "."), width, unicode);
        return writer.ToString();
    }

    /// <summary><c>HEADROOM_UPDATE_GOLDEN=1</c> writes them anew; then read the diff.</summary>
    private static void AssertGolden(string name, string actual)
    {
        var path = RepositoryRoot.Combine("tests", "Headroom.Cli.Tests", "Plan", "Golden", name);
        if (Environment.GetEnvironmentVariable("HEADROOM_UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);

        Assert.True(File.Exists(path), $"There is no {name}; HEADROOM_UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(File.ReadAllText(path), actual, ignoreLineEndingDifferences: true);
    }
}
