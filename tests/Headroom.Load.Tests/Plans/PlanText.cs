using Headroom.Load.Plans;

namespace Headroom.Load.Tests.Plans;

/// <summary>Plans as tests write them: what is not under test is already there.</summary>
internal static class PlanText
{
    public const string Source = "plan.yaml";

    private const string Target = "target: http://127.0.0.1:8080\n";

    /// <summary>A plan with a target and a scenario; the text begins in line 2.</summary>
    public static LoadPlan Read(string yaml, string folder = ".", Func<string, string?>? environment = null) =>
        LoadPlanFile.Parse(Target + yaml, Source, folder, baseUrl: null, environment ?? (_ => null));

    public static IReadOnlyList<PlanProblem> Problems(string yaml, string folder = ".", Func<string, string?>? environment = null) =>
        Assert.Throws<LoadPlanException>(() => Read(yaml, folder, environment)).Problems;

    /// <summary>That the plan has exactly one mistake, with this in it, in this line of the text.</summary>
    public static void HasOneMistake(string yaml, int line, string expected, string folder = ".")
    {
        var problem = Assert.Single(Problems(yaml, folder));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Equal(line + 1, problem.Line);
        Assert.True(problem.Column > 0);
    }
}
