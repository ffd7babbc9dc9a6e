namespace Architecture;

/// <summary>Says every violation in full; Assert.Empty would cut them short.</summary>
internal static class RuleAssert
{
    public static void Holds(IEnumerable<string> violations)
    {
        var all = violations.ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all));
    }
}
