using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Headroom.Load.Plans;

namespace Headroom.Cli.Plan;

/// <summary><c>headroom plan check|show FILE</c>: says what is wrong with a plan, or what it will send, without sending anything.</summary>
internal static class PlanCommand
{
    public static Command Create() => new("plan", "Checks plan files, or shows what one will send. Nothing is sent.") { CreateCheck(), CreateShow() };

    private static Command CreateCheck()
    {
        var files = new Argument<string[]>("FILE") { Description = "A plan file; several are checked one after another.", Arity = ArgumentArity.OneOrMore };
        var baseUrl = BaseUrl();
        var command = new Command("check", "Tells every mistake of plan files with its line and column; exit code 2 when there is one.") { files, baseUrl };
        files.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction(result => Check(result.GetValue(files)!, ReadBaseUrl(result.GetValue(baseUrl))));
        return command;
    }

    private static Command CreateShow()
    {
        var file = new Argument<string>("FILE") { Description = "A plan file." };
        var baseUrl = BaseUrl();
        var command = new Command("show", "Shows what a plan will send: its load over time, requests and their shares, flows, feeders, targets.") { file, baseUrl };
        file.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction(result =>
        {
            var plan = LoadPlanFile.Read(result.GetValue(file)!, ReadBaseUrl(result.GetValue(baseUrl)));
            PlanText.Write(Console.Out, plan, Terminal.Width, Console.OutputEncoding.CodePage is 65001 or 1200);
            return ExitCode.Fine;
        });
        return command;
    }

    private static int Check(string[] files, Uri? baseUrl)
    {
        var fine = true;
        foreach (var file in files)
        {
            try
            {
                Console.WriteLine($"{file}: fine: {PlanSummary.Of(LoadPlanFile.Read(file, baseUrl))}");
            }
            catch (LoadPlanException e)
            {
                fine = false;
                foreach (var problem in e.Problems)
                    Console.Error.WriteLine(problem);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                fine = false;
                Console.Error.WriteLine($"{file}: {e.Message}");
            }
        }

        return fine ? ExitCode.Fine : ExitCode.Usage;
    }

    private static Option<string?> BaseUrl() => new("--base-url") { Description = "Replaces the target of the plan.", HelpName = "URL" };

    private static Uri? ReadBaseUrl(string? text)
    {
        if (text is null)
            return null;
        return HttpAddress.TryParse(text, out var url, out var error) ? url : throw new UsageException($"--base-url: {error}");
    }
}
