using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>The mistakes found so far, with their positions.</summary>
internal sealed class PlanProblems(string source)
{
    private readonly List<PlanProblem> _problems = [];
    private readonly HashSet<(int Line, int Column)> _settled = [];

    public int Count => _problems.Count;

    public void Add(int line, int column, string message)
    {
        if (!_settled.Contains((line, column)))
            _problems.Add(new PlanProblem(source, line, column, message));
    }

    /// <summary>Tells a mistake that leaves nothing to read at that place: what follows from it is not told.</summary>
    public void AddOnly(YamlNode node, string message)
    {
        Add(node, message);
        _settled.Add(((int)node.Start.Line, (int)node.Start.Column));
    }

    public void Add(YamlNode node, string message) => Add((int)node.Start.Line, (int)node.Start.Column, message);

    public IReadOnlyList<PlanProblem> InOrder() => [.. _problems.OrderBy(problem => (problem.Line, problem.Column))];
}
