namespace Headroom.Load;

/// <summary>One mistake in a plan, and where it is.</summary>
/// <param name="Source">File, option or builder that the plan came from.</param>
/// <param name="Line">From 1; 0 when the plan does not come from a file.</param>
/// <param name="Column">From 1; 0 when the plan does not come from a file.</param>
/// <param name="Message">What was found, what is allowed, what to write instead.</param>
public sealed record PlanProblem(string Source, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>.</summary>
    public override string ToString() => Line > 0 ? $"{Source}:{Line}:{Column}: {Message}" : $"{Source}: {Message}";
}

/// <summary>A plan that cannot be run, with every mistake in it.</summary>
public sealed class LoadPlanException : Exception
{
    internal LoadPlanException(IReadOnlyList<PlanProblem> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>In the order of the file. At least one.</summary>
    public IReadOnlyList<PlanProblem> Problems { get; }
}
