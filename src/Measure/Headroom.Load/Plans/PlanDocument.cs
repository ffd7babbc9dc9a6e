using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Loads the one document of a plan's text and puts the environment's values in.</summary>
internal static class PlanDocument
{
    /// <summary>Deeper nesting than any plan has; without a bound a file of brackets would exhaust the stack.</summary>
    private const int DepthMax = 100;

    /// <param name="text">YAML or JSON.</param>
    /// <param name="problems">Where mistakes go.</param>
    /// <param name="environment">Values of variables.</param>
    /// <param name="what">What the document is, in messages.</param>
    /// <param name="least">The least that it has, for one that is empty.</param>
    /// <param name="keep">What stands in the document instead of a variable's value; null puts all values in.</param>
    /// <returns>The plan's mapping, or null and a problem.</returns>
    public static PlanMap? Load(string text, PlanProblems problems, Func<string, string?> environment, string what = "the plan", string least = "a plan has at least 'target' and 'requests'", Func<EnvironmentReference, string?>? keep = null)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            if (!IsFlatEnough(parser, problems))
                return null;
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 0)
                problems.Add(1, 1, $"the file is empty; {least}");
            else if (stream.Documents.Count > 1)
                problems.Add(stream.Documents[1].RootNode, "a second document begins here; a plan is one document");
            else if (new EnvironmentText(environment, problems, keep).Resolve(stream.Documents[0].RootNode))
                return PlanMap.From(stream.Documents[0].RootNode, what, problems);
        }
        catch (YamlException e)
        {
            var message = e.InnerException?.Message ?? e.Message;
            problems.Add((int)e.Start.Line, (int)e.Start.Column, $"not valid YAML or JSON: {message.ReplaceLineEndings(" ")}");
        }
        catch (InvalidOperationException)
        {
            // What YamlDotNet throws for some unclosed mappings, without a place; the last thing it read stands before the mistake.
            problems.Add((int)(parser.Current?.End.Line ?? 1), (int)(parser.Current?.End.Column ?? 1), "not valid YAML or JSON from here on; is a brace, bracket or quote not closed?");
        }

        return null;
    }

    private static bool IsFlatEnough(Parser parser, PlanProblems problems)
    {
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current is MappingStart or SequenceStart ? 1 : parser.Current is MappingEnd or SequenceEnd ? -1 : 0;
            if (depth <= DepthMax)
                continue;
            problems.Add((int)parser.Current!.Start.Line, (int)parser.Current.Start.Column, $"values are nested deeper than {DepthMax} levels");
            return false;
        }

        return true;
    }
}
