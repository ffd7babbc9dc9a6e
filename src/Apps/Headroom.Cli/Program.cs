using System.CommandLine;
using Headroom.Cli.Bench;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Demo;
using Headroom.Cli.Load;
using Headroom.Cli.Plan;
using Headroom.Cli.Report;

var root = new RootCommand("Finds out how much load an HTTP API can take, shows what holds it back, and proves the gain.")
{
    BenchCommand.Create(),
    LoadCommand.Create(),
    PlanCommand.Create(),
    DemoCommand.Create(),
    ReportCommand.Create(),
};

return await CommandLineRunner.RunAsync(root, args);
