using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Telemetry.Tests.Prometheus;

/// <summary>The text is held to what Prometheus' own tool says of it: no parse error (exit 1) and no lint (exit 3).</summary>
public sealed class PromtoolTests
{
    [Fact]
    public async Task CheckMetrics_EverythingThatTheDefaultMetersRecord_IsAccepted()
    {
        var promtool = Require.Tool("promtool");
        await using var app = await TelemetryApp.StartAsync(map =>
        {
            map.MapPrometheus();
            map.MapGet("/items/{id}", (HttpContext context) => context.Response.WriteAsync("item"));
            map.MapGet("/throws", context => throw new InvalidOperationException("on purpose"));
        });
        for (var i = 0; i < 3; i++)
            await app.Client.GetStringAsync($"/items/{i}", TestContext.Current.CancellationToken);
        (await app.Client.GetAsync("/throws", TestContext.Current.CancellationToken)).Dispose();
        GC.Collect();

        var text = await app.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("dotnet_assembly_count_current ", text, StringComparison.Ordinal);
        await AssertAcceptedAsync(promtool, text);
    }

    [Fact]
    public async Task CheckMetrics_HostileTagsAndOddNumbers_IsAccepted()
    {
        var promtool = Require.Tool("promtool");
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
        try
        {
            using var harness = new CollectorHarness();
            var counter = harness.Meter.CreateCounter<double>("hostile.values", "By", "Help with \\ and\nnewline and \"quotes\".");
            var histogram = harness.Meter.CreateHistogram<double>("hostile.durations", "s");
            foreach (var (value, _) in HostileTags.Values)
            {
                counter.Add(1.5, new KeyValuePair<string, object?>("value", value));
                histogram.Record(0.1, new KeyValuePair<string, object?>("value", value));
            }

            var key = 0;
            foreach (var name in new[] { "", "__name__", "1st", "a-b", "le", "quantile", "naïve", "new\nline", "quo\"te", "le\0", "job" })
                counter.Add(++key, new KeyValuePair<string, object?>(name, "v"));
            var gauge = harness.Meter.CreateGauge<double>("odd.numbers");
            foreach (var number in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon, -0.0, 1e21, 1e-7 })
                gauge.Record(number, new KeyValuePair<string, object?>("number", number));

            await AssertAcceptedAsync(promtool, harness.Text());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task CheckMetrics_CollidingNamesAndOverflow_IsAccepted()
    {
        var promtool = Require.Tool("promtool");
        using var harness = new CollectorHarness(options => options.MaxSeriesPerInstrument = 5);
        foreach (var meterName in new[] { "Test.Alpha", "Test.Beta" })
        {
            var meter = harness.Factory.Create(meterName);
            meter.CreateCounter<int>("jobs").Add(1);
            meter.CreateHistogram<int>("depth").Record(1);
            meter.CreateGauge<int>("depth").Record(1);
            var counter = meter.CreateCounter<int>("many");
            for (var i = 0; i < 20; i++)
                counter.Add(1, new KeyValuePair<string, object?>("i", i));
        }

        await AssertAcceptedAsync(promtool, harness.Text());
    }

    [Fact]
    public async Task CheckMetrics_TextThatIsWrong_IsRefused()
    {
        // The other tests are worth something only if the tool objects at all.
        var (exit, _) = await CheckAsync(Require.Tool("promtool"), "# TYPE a counter\na{b=\"unclosed} 1\n");
        Assert.NotEqual(0, exit);
    }

    static async Task AssertAcceptedAsync(string promtool, string text)
    {
        var (exit, output) = await CheckAsync(promtool, text);
        Assert.True(exit == 0, $"promtool check metrics: exit {exit}\n{output}\n{text}");
    }

    static async Task<(int Exit, string Output)> CheckAsync(string promtool, string text)
    {
        var start = new ProcessStartInfo(promtool, ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(text.AsMemory(), TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
