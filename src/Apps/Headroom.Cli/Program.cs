using System.CommandLine;
using Headroom.Cli.Ablate;
using Headroom.Cli.Bench;
using Headroom.Cli.Capacity;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Compare;
using Headroom.Cli.Demo;
using Headroom.Cli.Export;
using Headroom.Cli.Gateway;
using Headroom.Cli.Import;
using Headroom.Cli.Load;
using Headroom.Cli.Plan;
using Headroom.Cli.Report;
using Headroom.Cli.Trend;

if (GatewayCommand.IsMeant(args))
    return GatewayCommand.Run(args);

var root = new RootCommand("Finds out how much load an HTTP API can take, shows what holds it back, and proves the gain.")
{
    BenchCommand.Create(),
    LoadCommand.Create(),
    CapacityCommand.Create(),
    PlanCommand.Create(),
    ImportCommand.Create(),
    ExportCommand.Create(),
    DemoCommand.Create(),
    GatewayCommand.Create(),
    ReportCommand.Create(),
    CompareCommand.Create(),
    AblateCommand.Create(),
    TrendCommand.Create(),
};

return await CommandLineRunner.RunAsync(root, args);
