namespace Headroom.Import;

/// <summary>A plan made from something else, and what is to be known about it.</summary>
/// <param name="Yaml">The plan (docs/plans.md), with comments where it guesses.</param>
/// <param name="Notes">What was guessed and what was left out, in the source's order.</param>
/// <param name="Files">Files that the plan names, to be written beside it.</param>
/// <param name="EnvironmentVariables">Names of environment variables that the plan reads and that have no default: secrets of the source, which are never written into a plan, and variables that a shell or a script had.</param>
public sealed record ImportedPlan(string Yaml, IReadOnlyList<ImportNote> Notes, IReadOnlyList<ImportedFile> Files, IReadOnlyList<string> EnvironmentVariables);

/// <summary>Something that a person has to know about an import.</summary>
/// <param name="Kind">Whether it is in the plan.</param>
/// <param name="Place">Where in the source: <c>api.js:12</c>.</param>
/// <param name="Text">What it is, and what to do about it.</param>
public sealed record ImportNote(ImportNoteKind Kind, string Place, string Text)
{
    /// <summary>The note on one line: place and text.</summary>
    public override string ToString() => $"{Place}: {Text}";
}

/// <summary>Whether what a note is about is in the plan.</summary>
public enum ImportNoteKind
{
    /// <summary>It is in the plan in a way that may be wrong.</summary>
    Guess,

    /// <summary>It is not in the plan.</summary>
    LeftOut,
}

/// <summary>A file beside the plan.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Text">Its content.</param>
public sealed record ImportedFile(string Name, string Text);

/// <summary>The source cannot be read as what it is said to be.</summary>
public sealed class ImportException : Exception
{
    /// <summary>Creates it.</summary>
    public ImportException()
    {
    }

    /// <param name="message">Where, what was found, and what to write or to do instead.</param>
    public ImportException(string message)
        : base(message)
    {
    }

    /// <param name="message">Where, what was found, and what to write or to do instead.</param>
    /// <param name="innerException">Why.</param>
    public ImportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
