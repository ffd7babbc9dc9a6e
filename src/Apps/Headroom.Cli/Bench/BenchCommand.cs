using System.CommandLine;

namespace Headroom.Cli.Bench;

/// <summary><c>headroom bench URL|PLAN</c>: measure an API and judge it against targets.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var options = new BenchOptions();
        var command = new Command("bench", "Measures an API: latency, throughput, errors, cache hits, and what its process uses.");
        options.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var request = options.Read(result);
            var plan = BenchPlan.From(request);
            BenchRun.RefuseMistakes(plan, request);
            return await BenchRun.MeasureAsync(plan, request, graded: false, cancellation);
        });
        return command;
    }
}
