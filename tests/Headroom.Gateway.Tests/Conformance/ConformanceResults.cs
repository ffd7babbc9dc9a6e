using Headroom.Gateway.Tests.Conformance.Table;

namespace Headroom.Gateway.Tests.Conformance;

/// <summary>The table of results in benchmarks/results/http-conformance.md.</summary>
internal static class ConformanceResults
{
    private static string File => RepositoryRoot.Combine("benchmarks", "results", "http-conformance.md");

    /// <summary><c>HEADROOM_UPDATE_GOLDEN=1</c> writes it anew; else it has to say of Headroom what was seen now.</summary>
    public static void AssertUpToDate(ConformanceRun headroom, ConformanceRun nginx, string nginxVersion)
    {
        if (Environment.GetEnvironmentVariable("HEADROOM_UPDATE_GOLDEN") == "1")
            System.IO.File.WriteAllText(File, Text(headroom, nginx, nginxVersion));

        var said = System.IO.File.ReadAllLines(File).Where(line => line.StartsWith('|')).Select(HeadroomsPart);
        var seen = ConformanceRun.Table(BehaviourTable.All, [("Headroom", headroom)]).Split('\n').Where(line => line.StartsWith('|'));
        Assert.Equal(seen, said);
    }

    /// <summary>A row without the columns of others.</summary>
    private static string HeadroomsPart(string row) => string.Join('|', row.Split('|').Take(4)) + "|";

    private static string Text(ConformanceRun headroom, ConformanceRun nginx, string nginxVersion) =>
        $"""
        # HTTP caching: which behaviours hold

        Each behaviour is one sentence of RFC 9110, 9111, 5861, 8246, 9211 or 9213 and the exchanges that show it, between a scripted origin and a client on raw sockets (tests/Headroom.Gateway.Tests/Conformance/Table). Required is what a cache must or
        should do or must not; optimal is what it may do and a good one does. `headroom gateway` has its defaults; {nginxVersion} has `proxy_cache`, `proxy_cache_revalidate` and `proxy_cache_background_update`, else its defaults.
        `HEADROOM_UPDATE_GOLDEN=1 ./test --all NginxConformanceTests` makes this file.

        {ConformanceRun.Table(BehaviourTable.All, [("Headroom", headroom), (nginxVersion, nginx)])}
        ## What does not hold of Headroom

        {string.Join('\n', BehaviourTable.All.Where(behaviour => headroom.FailureOf(behaviour.Id) is not null).Select(behaviour => $"- `{behaviour.Id}` ({behaviour.Kind.ToString().ToLowerInvariant()}, {behaviour.Source}): {behaviour.Sentence}"))}

        """;
}
