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
}
