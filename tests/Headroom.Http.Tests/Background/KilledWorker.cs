using System.Diagnostics;
using System.Globalization;

namespace Headroom.Http.Tests.Background;

/// <summary>A process of its own with two durable items, which begins the first and does not end. Runs this assembly with the one test that is such a process.</summary>
internal sealed class KilledWorker : IDisposable
{
    internal const string Variable = "HEADROOM_TEST_KILLED_WORKER";

    readonly Process process;
    readonly string mark;

    KilledWorker(Process process, string mark) => (this.process, this.mark) = (process, mark);

    public bool HasBegun => File.Exists(mark);

    public static KilledWorker Start(WorkDatabase database, string table)
    {
        var begun = Path.Combine(Path.GetTempPath(), "headroom-killed-" + Guid.NewGuid().ToString("N"));
        var start = new ProcessStartInfo("dotnet", [typeof(KilledWorker).Assembly.Location, "-noLogo", "-noColor", "-explicit", "only", "-class", typeof(KilledWorkerProcess).FullName!])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment[Variable] = string.Join('\n', database.Kind, database.ConnectionString, table, begun, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var started = Process.Start(start)!;
        started.OutputDataReceived += static (_, _) => { };
        started.BeginOutputReadLine();
        return new KilledWorker(started, begun);
    }

    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            Kill();
        process.Dispose();
        File.Delete(mark);
    }
}

/// <summary>Not a test: what runs in the process that is killed.</summary>
public sealed class KilledWorkerProcess
{
    [Fact(Explicit = true)]
    public async Task Process_ThatIsToBeKilled_BeginsAnItem()
    {
        if (Environment.GetEnvironmentVariable(KilledWorker.Variable) is not { } given)
            return;

        var (kind, connectionString, table, mark, parent) = given.Split('\n') switch { [var a, var b, var c, var d, var e] => (Enum.Parse<DurableWorkDatabase>(a), b, c, d, int.Parse(e, CultureInfo.InvariantCulture)), _ => throw new FormatException() };
        await using var source = WorkDatabase.Open(kind, connectionString);
        var both = new TaskCompletionSource();
        var desk = new OrderDesk
        {
            Do = async (_, _, _) =>
            {
                await both.Task;
                await File.WriteAllTextAsync(mark, "begun", CancellationToken.None);
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            },
        };
        await using var host = await DurableQueueSuite.StartAsync(new DbDurableWorkStore(source, kind, table), desk, options => (options.Workers, options.Lease) = (1, TimeSpan.FromSeconds(2)));

        // Of two in one millisecond the first by its id is leased first.
        await host.Durable<Order>().EnqueueAsync(new Order(1), "1");
        await host.Durable<Order>().EnqueueAsync(new Order(2), "2");
        both.SetResult();

        // Until it is killed; or its parent was.
        using var test = Process.GetProcessById(parent);
        await test.WaitForExitAsync();
    }
}
