using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>The mistakes found so far, with their positions.</summary>
internal sealed class PlanProblems(string source)
{
    private readonly List<PlanProblem> _problems = [];

    public bool IsEmpty => _problems.Count == 0;

    public void Add(int line, int column, string message) => _problems.Add(new PlanProblem(source, line, column, message));

    public void Add(YamlNode node, string message) => Add((int)node.Start.Line, (int)node.Start.Column, message);

    public IReadOnlyList<PlanProblem> InOrder() => [.. _problems.OrderBy(problem => (problem.Line, problem.Column))];
}
