using Headroom.Measurements;

namespace Headroom.Load.Plans;

/// <summary>A variable that cannot have a value where it is used.</summary>
/// <param name="Request">Where it is used.</param>
/// <param name="Key">The key of the plan file that uses it.</param>
/// <param name="Name">The variable, as it is written.</param>
/// <param name="Message">What was found and what is known there.</param>
internal readonly record struct VariableMistake(PlannedRequest Request, string Key, string Name, string Message);

/// <summary>
/// Follows variables through a plan: those of the plan and what setup extracts are known everywhere, what a step extracts is known to the later steps of its flow, and what
/// the ways of a choice extract is known after it when all of them do.
/// </summary>
internal sealed class VariableValidation
{
    private readonly LoadPlan _plan;
    private readonly HashSet<string> _extractedSomewhere;
    private readonly List<VariableMistake> _mistakes = [];

    private VariableValidation(LoadPlan plan)
    {
        _plan = plan;
        _extractedSomewhere = [.. plan.AllRequests()
            .SelectMany(request => request.Extractions).Select(extraction => extraction.Variable)];
    }

    public static IReadOnlyList<VariableMistake> Check(LoadPlan plan)
    {
        var validation = new VariableValidation(plan);
        validation.Check();
        return validation._mistakes;
    }

    private void Check()
    {
        var known = _plan.Variables.Keys.ToHashSet(StringComparer.Ordinal);
        Follow(_plan.Setup.Select(request => new RequestStep(request)), known);
        foreach (var request in _plan.Requests)
            Follow([new RequestStep(request)], Copy(known));
        foreach (var flow in _plan.Flows)
            Follow(flow.Steps, Copy(known));
        Follow(_plan.Teardown.Select(request => new RequestStep(request)), Copy(known));
    }

    /// <param name="steps">In their order.</param>
    /// <param name="known">Names that have a value; what the steps extract is added.</param>
    private void Follow(IEnumerable<Step> steps, HashSet<string> known)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case RequestStep { Request: var request }:
                    CheckTexts(request, known);
                    known.UnionWith(request.Extractions.Select(extraction => extraction.Variable));
                    break;
                case ChoiceStep { Ways.Count: > 0 } choice:
                    var after = choice.Ways.Select(way =>
                    {
                        var knownOnWay = Copy(known);
                        Follow(way.Steps, knownOnWay);
                        return knownOnWay;
                    }).ToArray();
                    known.UnionWith(after.Aggregate((both, way) => [.. both.Intersect(way)]));
                    break;
            }
        }
    }

    private void CheckTexts(PlannedRequest request, HashSet<string> known)
    {
        foreach (var (key, what, text) in RequestValidation.Texts(request))
        {
            if (!TextTemplate.TryParse(text, out var template, out _))
                continue;
            foreach (var name in template.VariableNames.Distinct(StringComparer.Ordinal))
            {
                if (!known.Contains(name) && MistakeOf(name, known) is { } mistake)
                    _mistakes.Add(new VariableMistake(request, key, name, $"{what} of request '{request.Name}' uses '${{{name}}}', {mistake}"));
            }
        }
    }

    private string? MistakeOf(string name, HashSet<string> known)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
        {
            var column = name[(dot + 1)..];
            if (_plan.Feeders.FirstOrDefault(feeder => name.AsSpan(0, dot).SequenceEqual(feeder.Name)) is not { } feeder)
                return $"and the plan has no feeder '{name[..dot]}'{NearestName.Hint(name[..dot], _plan.Feeders.Select(known => known.Name))}";
            return feeder.Columns.Contains(column)
                ? null
                : $"and feeder '{feeder.Name}' has columns {string.Join(", ", feeder.Columns)}{NearestName.Hint(column, feeder.Columns)}";
        }

        if (_extractedSomewhere.Contains(name))
            return "which has no value there: it is extracted only later, on some ways, or in another flow; values are known to later steps of the same flow, and setup's to all (a request for flows only has only: flows)";
        var names = known.Order(StringComparer.Ordinal).Concat(_plan.Feeders.SelectMany(feeder => feeder.Columns.Select(column => $"{feeder.Name}.{column}"))).ToArray();
        var listed = names.Length == 0 ? "nothing; define it under 'vars'" : string.Join(", ", names.Take(20));
        return $"which nothing sets; known there: {listed}{NearestName.Hint(name, names.Concat(TextTemplate.Reserved[..4]))} ($${{ writes the two characters themselves)";
    }

    private static HashSet<string> Copy(HashSet<string> known) => new(known, StringComparer.Ordinal);
}
