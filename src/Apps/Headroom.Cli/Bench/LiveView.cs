using System.Globalization;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Spectre.Console;

namespace Headroom.Cli.Bench;

/// <summary>
/// Progress while a run goes on, on standard error so that standard output carries the result alone: a live line on a terminal, a plain line every few seconds
/// otherwise, nothing when quiet. The run only hands over its latest state, so a slow terminal cannot slow the load.
/// </summary>
internal abstract class LiveView : IProgress<LoadProgress>, IAsyncDisposable
{
    private LoadProgress? _latest;

    protected LoadProgress? Latest => Volatile.Read(ref _latest);

    public static LiveView Create(bool quiet, LoadPlan plan)
    {
        LiveView view = quiet ? new Silent() : Terminal.IsInteractive ? new Bar(plan) : new Lines(plan);
        view.Begin();
        return view;
    }

    public void Report(LoadProgress value) => Volatile.Write(ref _latest, value);

    public abstract ValueTask DisposeAsync();

    protected virtual void Begin()
    {
    }

    private static string Describe(LoadProgress progress)
    {
        var second = progress.LatestSecond;
        var figures = second is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"  {second.Requests:N0} req/s  p50 {second.LatencyMs.P50:0.##} ms  p99 {second.LatencyMs.P99:0.##} ms");
        var errors = progress.Errors > 0 ? string.Create(CultureInfo.InvariantCulture, $"  {progress.Errors:N0} errors") : "";
        return $"{(progress.WarmingUp ? "warming up" : string.Join(" + ", progress.Active))}{figures}{errors}";
    }

    private sealed class Silent : LiveView
    {
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>For logs and pipes: a line at most every 5 s.</summary>
    private sealed class Lines(LoadPlan plan) : LiveView
    {
        private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
        private readonly CancellationTokenSource _stop = new();
        private Task _writing = Task.CompletedTask;

        protected override void Begin()
        {
            Console.Error.WriteLine($"Measuring {plan.Requests[0].Url.GetLeftPart(UriPartial.Authority)} ({plan.Name})");
            _writing = WriteAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _writing;
            _stop.Dispose();
        }

        private async Task WriteAsync()
        {
            using var timer = new PeriodicTimer(Every);
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token))
                {
                    if (Latest is { } progress)
                        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {progress.Elapsed.TotalSeconds:0}/{progress.Total.TotalSeconds:0} s  {Describe(progress)}"));
                }
            }
            catch (OperationCanceledException)
            {
                // The run has ended.
            }
        }
    }

    /// <summary>For terminals: one bar that is redrawn in place and gone when the result is printed.</summary>
    private sealed class Bar(LoadPlan plan) : LiveView
    {
        private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _drawing = Task.CompletedTask;

        protected override void Begin()
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            console.MarkupLineInterpolated($"Measuring [bold]{plan.Requests[0].Url.GetLeftPart(UriPartial.Authority)}[/] ({plan.Name})");
            _drawing = Task.Run(() => console.Progress()
                .AutoClear(true)
                .Columns(new ProgressBarColumn { Width = 30 }, new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(DrawAsync));
        }

        public override async ValueTask DisposeAsync()
        {
            _stop.SetResult();
            await _drawing;
        }

        private async Task DrawAsync(ProgressContext context)
        {
            var task = context.AddTask("starting", maxValue: 1);
            while (!_stop.Task.IsCompleted)
            {
                await Task.WhenAny(_stop.Task, Task.Delay(200));
                if (Latest is not { } progress)
                    continue;
                task.MaxValue = progress.Total.TotalSeconds;
                task.Value = Math.Min(progress.Elapsed.TotalSeconds, progress.Total.TotalSeconds);
                task.Description = Markup.Escape(Describe(progress));
            }
        }
    }
}
