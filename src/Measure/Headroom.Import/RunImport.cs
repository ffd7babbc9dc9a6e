using Headroom.Import.K6Summaries;
using Headroom.Measurements;

namespace Headroom.Import;

/// <summary>Makes run files (docs/run-file.md) from what other tools measured, so that reports and comparisons work on it. What they did not measure is marked, never invented.</summary>
public static class RunImport
{
    /// <summary>From k6's summary: the file of <c>--summary-export</c>, or the data of <c>handleSummary</c> as JSON, which a script of <c>headroom export k6</c> writes.</summary>
    /// <param name="text">The summary.</param>
    /// <param name="options">What it does not say itself.</param>
    /// <exception cref="ImportException">It is no such summary, or lacks percentiles that a run file needs.</exception>
    public static ImportedRun K6Summary(string text, RunImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new K6SummaryImport(K6SummaryFile.Parse(text, options.Source), options).Read();
    }
}

/// <summary>What the results of a tool do not say themselves.</summary>
public sealed record RunImportOptions
{
    /// <summary>The source's name in messages, usually its file name.</summary>
    public required string Source { get; init; }

    /// <summary>The plan's name, where the source has none.</summary>
    public required string Name { get; init; }

    /// <summary>When the test ended, where the source does not say it.</summary>
    public required DateTimeOffset EndedAt { get; init; }
}

/// <summary>A run made from something else, and what is to be known about it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Notes">What was guessed and what was left out.</param>
public sealed record ImportedRun(RunFile Run, IReadOnlyList<ImportNote> Notes);
