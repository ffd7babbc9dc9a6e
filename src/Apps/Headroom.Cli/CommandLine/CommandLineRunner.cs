using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Headroom.Import;
using Headroom.Load;
using Headroom.Load.Plans;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Cli.CommandLine;

/// <summary>Parses and runs a command: usage mistakes all at once with the nearest spelling, expected failures as one sentence, signals as cancellation.</summary>
internal static class CommandLineRunner
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var result = root.Parse(args);
        if (result.Errors.Count > 0 && result.Action is not { ClearsParseErrors: true })
            return ReportUsage(result);

        using var interrupt = new InterruptSource();
        try
        {
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupt.Token);
        }
        catch (LoadPlanException e)
        {
            foreach (var problem in e.Problems)
                await Console.Error.WriteLineAsync(problem.ToString());
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is TargetUnreachableException or AddressUnreachableException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Unreachable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UsageException or RunFileException or ComparisonException or LoadSetupException or ImportException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static int ReportUsage(ParseResult result)
    {
        var command = result.CommandResult.Command;
        foreach (var message in Explain(result))
            Console.Error.WriteLine(message);
        Console.Error.WriteLine($"'{FullName(command)} --help' lists what can be written.");
        return ExitCode.Usage;
    }

    /// <summary>As it is typed: with the commands that it is under.</summary>
    private static string FullName(Command command) => command is RootCommand ? "headroom" : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? FullName(parent) : "headroom")} {command.Name}";

    /// <summary>A command that was misspelt is told alone: that one is missing and what follows it is unknown goes without saying.</summary>
    private static IEnumerable<string> Explain(ParseResult result)
    {
        var command = result.CommandResult.Command;
        var isGroup = command.Subcommands.Count > 0;
        if (isGroup && result.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } unknown)
            return [UnknownWord(unknown, command)];
        if (isGroup && result.UnmatchedTokens.Count == 0)
            return [$"no command is given; allowed: {string.Join(", ", command.Subcommands.Select(subcommand => subcommand.Name))}"];
        if (command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is null or { Tokens.Count: 0 }) is { } missing)
            return result.Errors.Select(error => Explain(error, result)).Where(message => !message.StartsWith("Required argument", StringComparison.Ordinal))
                .Prepend($"{missing.HelpName ?? missing.Name} is missing: {missing.Description}").Distinct(StringComparer.Ordinal);
        return result.Errors.Select(error => Explain(error, result)).Distinct(StringComparer.Ordinal);
    }

    /// <summary>The parser's own sentence, with the nearest option or command where a word was not known.</summary>
    private static string Explain(ParseError error, ParseResult result)
    {
        var unknown = result.UnmatchedTokens.FirstOrDefault(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal));
        if (unknown is null)
            return error.Message;
        return UnknownWord(unknown, result.CommandResult.Command);
    }

    /// <summary>The parser takes words it does not know as further arguments; one that begins with a dash is a misspelt option.</summary>
    public static void RefuseOptionsAsArguments(ArgumentResult result, Command command)
    {
        foreach (var word in result.Tokens.Select(token => token.Value).Where(word => word.StartsWith('-')))
            result.AddError(UnknownWord(word, command));
    }

    private static string UnknownWord(string word, Command command)
    {
        var isOption = word.StartsWith('-');
        var known = isOption
            ? command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Concat(["--help"])
            : command.Subcommands.Select(subcommand => subcommand.Name);
        if (!isOption && command.Subcommands.Count == 0)
            return $"'{word}' is one word too many; '{FullName(command)}' takes {string.Join(" ", command.Arguments.Select(argument => $"<{argument.Name}>"))}{(command.Arguments is [{ Arity.MaximumNumberOfValues: > 1 and < 100 and var most }] ? $", at most {most}" : "")}";
        var name = word.Split('=', 2)[0];
        return $"unknown {(isOption ? "option" : "command")} '{name}'{NearestName.Hint(name, known)}";
    }

    /// <summary>Ctrl-C and SIGTERM cancel the first time and end the process the second time.</summary>
    private sealed class InterruptSource : IDisposable
    {
        private readonly CancellationTokenSource _source = new();
        private readonly PosixSignalRegistration[] _registrations;

        public InterruptSource() =>
            _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _source.Dispose();
        }

        private void Handle(PosixSignalContext context)
        {
            if (_source.IsCancellationRequested)
                return;
            context.Cancel = true;
            _source.Cancel();
        }
    }
}

/// <summary>A mistake in how the command was called, told in one sentence.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Nothing answers at an address that was given.</summary>
internal sealed class AddressUnreachableException(string message) : Exception(message);
