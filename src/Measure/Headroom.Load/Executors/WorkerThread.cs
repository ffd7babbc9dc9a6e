using Headroom.Load.Wire;

namespace Headroom.Load.Executors;

/// <summary>Runs a worker on a thread of its own and frees its connections there, so that none is freed under its user.</summary>
internal static class WorkerThread
{
    public static Task RunAsync(Worker worker, string name)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                KeepTime();
                using (worker)
                    worker.Run();
                done.SetResult();
            }
#pragma warning disable CA1031 // Handed to whoever awaits the run.
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>Linux lets a thread oversleep by 50 µs so that timers coalesce (prctl(2), PR_SET_TIMERSLACK). An arrival's due time wants better. That it is refused is no error.</summary>
    private static void KeepTime()
    {
        if (OperatingSystem.IsLinux())
            _ = Libc.prctl(Libc.PR_SET_TIMERSLACK, 1, 0, 0, 0);
    }
}
