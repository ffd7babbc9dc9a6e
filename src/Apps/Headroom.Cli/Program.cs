using System.CommandLine;
using Headroom.Cli.Bench;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Demo;
using Headroom.Cli.Report;

var root = new RootCommand("Finds out how much load an HTTP API can take, shows what holds it back, and proves the gain.")
{
    BenchCommand.Create(),
    DemoCommand.Create(),
    ReportCommand.Create(),
};

return await CommandLineRunner.RunAsync(root, args);
