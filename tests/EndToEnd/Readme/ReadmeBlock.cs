using System.Text.RegularExpressions;

namespace EndToEnd.Readme;

/// <summary>A fenced <c>sh</c> block of README.md and what the comment before it says about running it.</summary>
internal sealed record ReadmeBlock
{
    /// <summary>Line of the opening fence, from 1.</summary>
    public required int Line { get; init; }

    public required string Commands { get; init; }

    public string? SkipReason { get; init; }

    public int ExpectedExitCode { get; init; }

    /// <summary>The block starts something that stays: it runs until the last block is done, and the next one begins when this address answers.</summary>
    public Uri? BackgroundUntil { get; init; }
}

/// <summary>
/// Finds the commands of a README. A comment on the line before a fence says how its block is run, one of:
/// <c>&lt;!-- test: skip because REASON --&gt;</c>, <c>&lt;!-- test: expect-exit N --&gt;</c>, <c>&lt;!-- test: background until URL --&gt;</c>.
/// </summary>
internal static partial class ReadmeBlocks
{
    public static IReadOnlyList<ReadmeBlock> Parse(string markdown)
    {
        var blocks = new List<ReadmeBlock>();
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            if (!lines[index].StartsWith("```", StringComparison.Ordinal))
                continue;

            var end = Array.FindIndex(lines, index + 1, line => line.StartsWith("```", StringComparison.Ordinal));
            if (end < 0)
                throw new FormatException($"line {index + 1}: the block has no end");
            if (lines[index] == "```sh")
                blocks.Add(Directed(new() { Line = index + 1, Commands = string.Join('\n', lines[(index + 1)..end]) }, DirectiveBefore(lines, index)));
            index = end;
        }

        return blocks;
    }

    private static string? DirectiveBefore(string[] lines, int fence)
    {
        var before = fence - 1;
        while (before >= 0 && lines[before].Length == 0)
            before--;
        return before >= 0 && Comment().Match(lines[before]) is { Success: true } match ? match.Groups["directive"].Value : null;
    }

    private static ReadmeBlock Directed(ReadmeBlock block, string? directive)
    {
        if (directive is null)
            return block;
        if (directive.StartsWith("skip because ", StringComparison.Ordinal))
            return block with { SkipReason = directive["skip because ".Length..] };
        if (directive.StartsWith("expect-exit ", StringComparison.Ordinal) && int.TryParse(directive["expect-exit ".Length..], out var code))
            return block with { ExpectedExitCode = code };
        if (directive.StartsWith("background until ", StringComparison.Ordinal) && Uri.TryCreate(directive["background until ".Length..], UriKind.Absolute, out var address))
            return block with { BackgroundUntil = address };

        throw new FormatException($"line {block.Line}: 'test: {directive}' is not known; write 'skip because REASON', 'expect-exit N' or 'background until URL'");
    }

    [GeneratedRegex(@"^<!--\s*test:\s*(?<directive>.*?)\s*-->$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();
}
