using System.Text.Json.Nodes;
using Headroom.Load;

namespace Headroom.Import.Tests;

/// <summary>Reads an imported plan as a run does, its files beside it.</summary>
internal static class Imported
{
    public static ImportOptions Options(string source, string name = "imported") => new() { Source = source, Name = name };

    /// <exception cref="LoadPlanException">The plan has a mistake; the message has the plan.</exception>
    public static LoadPlan Read(ImportedPlan plan)
    {
        var folder = Directory.CreateTempSubdirectory("headroom-import-");
        try
        {
            foreach (var file in plan.Files)
                File.WriteAllText(Path.Combine(folder.FullName, file.Name), file.Text);
            return LoadPlanFile.Parse(plan.Yaml, "plan", folder.FullName, baseUrl: null, name => plan.EnvironmentVariables.Contains(name) ? $"value-of-{name}" : null);
        }
        catch (LoadPlanException e)
        {
            throw new InvalidOperationException($"{string.Join('\n', e.Problems)}\n{plan.Yaml}", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static PlannedRequest[] Sent(LoadPlan plan) => [.. plan.Requests, .. plan.Flows.SelectMany(static flow => flow.AllRequests())];

    public static string BodyOf(PlannedRequest request) => System.Text.Encoding.UTF8.GetString(request.Body.Span);

    public static void AssertBody(string json, PlannedRequest request) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(BodyOf(request))), BodyOf(request));

    public static string LeftOut(ImportedPlan plan) => string.Join('\n', plan.Notes.Where(static note => note.Kind == ImportNoteKind.LeftOut));

    public static string Guesses(ImportedPlan plan) => string.Join('\n', plan.Notes.Where(static note => note.Kind == ImportNoteKind.Guess));
}
