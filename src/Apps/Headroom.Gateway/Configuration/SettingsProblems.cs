using YamlDotNet.RepresentationModel;

namespace Headroom.Gateway.Configuration;

/// <summary>The mistakes of a gateway.yaml found so far, each with its place.</summary>
internal sealed class SettingsProblems(string source)
{
    private readonly List<(int Line, int Column, string Message)> _problems = [];

    public int Count => _problems.Count;

    public void Add(YamlNode node, string message) => Add((int)node.Start.Line, (int)node.Start.Column, message);

    public void Add(int line, int column, string message) => _problems.Add((line, column, message));

    /// <summary><c>file:line:column: message</c>, in the order of the file.</summary>
    public IEnumerable<string> InOrder() =>
        _problems.OrderBy(problem => (problem.Line, problem.Column)).Select(problem => $"{source}:{problem.Line}:{problem.Column}: {problem.Message}");
}
