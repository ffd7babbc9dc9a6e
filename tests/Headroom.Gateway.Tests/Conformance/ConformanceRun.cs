using System.Globalization;
using System.Text;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>What came of each behaviour: null where it holds, else what was seen.</summary>
internal sealed class ConformanceRun(IReadOnlyDictionary<string, string?> failures)
{
    public string? FailureOf(string id) => failures[id];

    /// <summary>Fails with the behaviour's sentence and what was seen, unless it holds.</summary>
    public void AssertHolds(Behaviour behaviour) =>
        Assert.True(failures[behaviour.Id] is null, $"{behaviour.Sentence} ({behaviour.Group}, {behaviour.Source}) {failures[behaviour.Id]}");

    public IReadOnlyList<Behaviour> Passing(IEnumerable<Behaviour> behaviours, Kind kind) =>
        [.. behaviours.Where(behaviour => behaviour.Kind == kind && failures[behaviour.Id] is null)];

    /// <summary>Runs all cases at once: most of their time is waiting for something to become stale.</summary>
    public static async Task<ConformanceRun> OfAsync(Uri proxy, ScriptedOrigin origin, IReadOnlyList<Behaviour> behaviours, CancellationToken cancellation)
    {
        var runs = behaviours.Select(behaviour => (Behaviour: behaviour, Run: new ExchangeRun(behaviour, proxy))).ToArray();
        foreach (var (_, run) in runs)
            origin.Add(run);
        var failures = (await Task.WhenAll(runs.Select(async run => KeyValuePair.Create(run.Behaviour.Id, await run.Run.RunAsync(cancellation))))).ToDictionary(StringComparer.Ordinal);
        return new(behaviours.ToDictionary(
            behaviour => behaviour.Id,
            behaviour => failures[behaviour.Id] ?? (behaviour.Given is { } given && failures[given] is not null ? $"says nothing, for '{given}' does not hold" : null),
            StringComparer.Ordinal));
    }

    /// <summary>What passes, by group, in Markdown.</summary>
    public static string Table(IReadOnlyList<Behaviour> behaviours, IReadOnlyList<(string Name, ConformanceRun Run)> proxies)
    {
        var text = new StringBuilder("| | behaviours |");
        foreach (var (name, _) in proxies)
            text.Append(CultureInfo.InvariantCulture, $" {name} |");
        text.Append("\n| --- | ---: |").Insert(text.Length, " ---: |", proxies.Count).Append('\n');
        foreach (var kind in Enum.GetValues<Kind>())
        {
            foreach (var group in behaviours.Where(behaviour => behaviour.Kind == kind).GroupBy(behaviour => behaviour.Group, StringComparer.Ordinal))
                Row($"{group.Key} ({kind.ToString().ToLowerInvariant()})", [.. group]);
            Row($"**all {kind.ToString().ToLowerInvariant()}**", [.. behaviours.Where(behaviour => behaviour.Kind == kind)]);
        }

        return text.ToString();

        void Row(string title, Behaviour[] of)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {title} | {of.Length} |");
            foreach (var (_, run) in proxies)
                text.Append(CultureInfo.InvariantCulture, $" {run.Passing(of, of[0].Kind).Count} |");
            text.Append('\n');
        }
    }

    /// <summary>Each behaviour that does not hold, with what was seen.</summary>
    public string Failures(IEnumerable<Behaviour> behaviours, Kind kind)
    {
        var text = new StringBuilder();
        foreach (var behaviour in behaviours.Where(behaviour => behaviour.Kind == kind && failures[behaviour.Id] is not null))
            text.Append(CultureInfo.InvariantCulture, $"{behaviour.Id} ({behaviour.Source}): {behaviour.Sentence} {failures[behaviour.Id]}\n");
        return text.ToString();
    }
}
