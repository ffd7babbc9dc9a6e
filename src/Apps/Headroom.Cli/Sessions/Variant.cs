using Headroom.Cli.CommandLine;
using Headroom.Load.Plans;

namespace Headroom.Cli.Sessions;

/// <summary>Something that a session measures beside others: a command that starts it, or an address where it already runs.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Command">Run by the shell, with <c>{port}</c> and <c>{url}</c> filled in; null for an address.</param>
/// <param name="Address">Where it runs; null for a command.</param>
/// <param name="Environment">Variables for the command.</param>
internal sealed record Variant(string Name, string? Command, Uri? Address, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>();

    /// <summary>As the person gave it.</summary>
    public string Source => Command ?? Address!.ToString();

    /// <exception cref="UsageException">An address that is none.</exception>
    public static Variant Parse(string option, string name, string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal) || text.Contains(' ', StringComparison.Ordinal))
            return new Variant(name, text, null, NoVariables);
        return HttpAddress.TryParse(text, out var address, out var error) ? new Variant(name, null, address, NoVariables) : throw new UsageException($"{option}: {error}");
    }
}
