using System.Text;
using Headroom.Cli.Live;
using Headroom.Load;

namespace Headroom.Cli.Tests.Live;

public sealed class LiveViewTests
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(5);
    private static readonly LiveStyle Style = new(Colour: false, Unicode: true);

    [Fact]
    public async Task TerminalView_Run_DrawsTheLatestStateAndLeavesACleanScreen()
    {
        var output = new Recording();
        var view = new TerminalView(Progresses.Plan, output, () => new TerminalSize(80, 24), Style, Often);
        view.Begin();
        view.Report(Progresses.Busy);
        await output.WaitForAsync("12 errors");
        view.Report(Progresses.Busy with { Errors = 777 });
        await output.WaitForAsync("777 errors");
        await view.DisposeAsync();

        var screen = new Screen(80);
        screen.Write("before\n" + output);
        Assert.Equal("before", screen.Text);
    }

    /// <summary>Ctrl-S, or a connection that hangs: whoever runs the load neither waits for the terminal nor for its end.</summary>
    [Fact]
    public async Task Report_TerminalThatTakesNothing_NeverWaits()
    {
        var output = new Recording { Blocks = true };
        var view = new TerminalView(Progresses.Plan, output, () => new TerminalSize(80, 24), Style, Often);
        view.Begin();
        view.Report(Progresses.Busy);
        await output.Blocking.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        await Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                view.Report(Progresses.Busy);
        }, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await view.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        output.Release();
    }

    [Fact]
    public async Task TerminalView_TerminalThatIsGone_EndsQuietly()
    {
        var output = new Recording { Fails = true };
        var view = new TerminalView(Progresses.Plan, output, () => new TerminalSize(80, 24), Style, Often);
        view.Begin();
        view.Report(Progresses.Busy);
        await output.Blocking.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await view.DisposeAsync();
    }

    [Fact]
    public async Task LineView_Run_WritesPlainLines()
    {
        var output = new Recording();
        var view = new LineView(Progresses.PlanOf("a\e[31m", ("browse", 0)), output, Often);
        view.Begin();
        view.Report(Progresses.Busy);
        await output.WaitForAsync("61 VUs");
        await view.DisposeAsync();

        var lines = output.ToString().Split('\n');
        Assert.Equal("Measuring http://127.0.0.1:5080 (a\\u{1B}[31m)", lines[0].TrimEnd('\r'));
        Assert.Equal("  0:31 of 1:30  browse + buy  12,345 req/s  p50 1.23 ms  p95 5.60 ms  p99 89.1 ms  12 errors  61 VUs", lines[1].TrimEnd('\r'));
        Assert.DoesNotContain('\e', output.ToString());
    }

    [Fact]
    public async Task LineView_PlanOfFlowsAlone_NamesWhereTheFirstStepGoes()
    {
        var output = new Recording();
        var plan = Progresses.PlanOf("flows", ("browse", 0));
        await using var view = new LineView(plan with { Requests = [], Flows = [new Flow { Name = "f", Steps = [new RequestStep(plan.Requests[0])] }] }, output, Often);
        view.Begin();

        Assert.StartsWith("Measuring http://127.0.0.1:5080 (flows)", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void LineView_WarmUp_SaysSo() =>
        Assert.Equal("  0:00 of 1:30  warming up", LineView.Line(new LoadProgress { Active = ["x"], WarmingUp = true, Elapsed = TimeSpan.Zero, Total = TimeSpan.FromSeconds(90), Requests = 0, Errors = 0 }));

    [Theory]
    [InlineData(0, "0:00", "0:00")]
    [InlineData(-3, "0:00", "0:00")]
    [InlineData(0.2, "0:00", "0:01")]
    [InlineData(59.9, "0:59", "1:00")]
    [InlineData(3599.5, "59:59", "1:00:00")]
    [InlineData(360_000, "100:00:00", "100:00:00")]
    public void Clock_Seconds_AreWrittenAsAStopwatchDoes(double seconds, string passed, string left)
    {
        Assert.Equal(passed, Clock.Of(TimeSpan.FromSeconds(seconds)));
        Assert.Equal(left, Clock.Left(TimeSpan.FromSeconds(seconds)));
    }

    /// <summary>A terminal that keeps what it got, or takes nothing, or is gone.</summary>
    private sealed class Recording : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly ManualResetEventSlim _released = new();

        public override Encoding Encoding => Encoding.UTF8;

        public bool Blocks { get; init; }

        public bool Fails { get; init; }

        /// <summary>Completes when something was written to a terminal that blocks or fails.</summary>
        public TaskCompletionSource Blocking { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.Set();

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            if (Blocks || Fails)
                Blocking.TrySetResult();
            if (Fails)
                throw new IOException("Input/output error");
            if (Blocks)
                _released.Wait();
            lock (_text)
                _text.Append(value);
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        public async Task WaitForAsync(string part)
        {
            for (var i = 0; i < 1_000 && !ToString().Contains(part, StringComparison.Ordinal); i++)
                await Task.Delay(10);
            Assert.Contains(part, ToString(), StringComparison.Ordinal);
        }

        public override string ToString()
        {
            lock (_text)
                return _text.ToString();
        }
    }
}
