namespace Headroom.Reports.JUnit;

/// <summary>A test case: passed when it has neither a failure nor a reason to be skipped.</summary>
internal sealed record TestCase(string ClassName, string Name)
{
    public string? Failure { get; init; }

    public string FailureType { get; init; } = "";

    public string? Skipped { get; init; }

    public string? Output { get; init; }
}
