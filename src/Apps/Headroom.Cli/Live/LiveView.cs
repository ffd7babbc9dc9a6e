using Headroom.Cli.CommandLine;
using Headroom.Load;

namespace Headroom.Cli.Live;

/// <summary>
/// Progress while a run goes on, on standard error so that standard output carries the result alone: a frame that is redrawn in place on a terminal, a plain line
/// every few seconds otherwise, nothing when quiet. The run only hands over its latest state; drawing happens on a thread of its own that may miss states, so a
/// terminal that is slow, stopped or gone cannot slow the load.
/// </summary>
internal abstract class LiveView : IProgress<LoadProgress>, IAsyncDisposable
{
    /// <summary>Longest wait for a terminal that takes nothing any more, when the run has ended.</summary>
    private static readonly TimeSpan LastDrawTimeout = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim _stop = new();
    private readonly TaskCompletionSource _drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoadProgress? _latest;
    private bool _drawing;

    public static LiveView Create(bool quiet, LoadPlan plan)
    {
        LiveView view = quiet ? new Silent()
            : Terminal.IsInteractive ? new TerminalView(plan, Console.Error, TerminalSize.Of, Terminal.LiveStyle)
            : new LineView(plan, Console.Error);
        view.Begin();
        return view;
    }

    public void Report(LoadProgress value) => Volatile.Write(ref _latest, value);

    public async ValueTask DisposeAsync()
    {
        _stop.Set();
        if (_drawing)
            await Task.WhenAny(_drawn.Task, Task.Delay(LastDrawTimeout));
        GC.SuppressFinalize(this);
    }

    public abstract void Begin();

    /// <summary>Starts drawing every <paramref name="interval"/>.</summary>
    protected void BeginDrawing(TimeSpan interval)
    {
        _drawing = true;
        new Thread(() => DrawUntilStopped(interval)) { IsBackground = true, Name = "live view" }.Start();
    }

    /// <summary>Shows a state. On the drawing thread.</summary>
    protected abstract void Draw(LoadProgress progress);

    /// <summary>Takes away what should not stay. On the drawing thread.</summary>
    protected virtual void End()
    {
    }

    private void DrawUntilStopped(TimeSpan interval)
    {
        try
        {
            while (!_stop.Wait(interval))
            {
                if (Volatile.Read(ref _latest) is { } progress)
                    Draw(progress);
            }

            End();
        }
        catch (IOException)
        {
            // The terminal is gone; the run is not.
        }
        finally
        {
            _drawn.TrySetResult();
        }
    }

    private sealed class Silent : LiveView
    {
        public override void Begin()
        {
        }

        protected override void Draw(LoadProgress progress)
        {
        }
    }
}
