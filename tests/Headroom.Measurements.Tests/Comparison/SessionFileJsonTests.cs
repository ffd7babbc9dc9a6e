using System.Text;
using Headroom.Measurements.Comparison;

namespace Headroom.Measurements.Tests.Comparison;

public sealed class SessionFileJsonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-session-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WriteAndRead_Session_KeepsRunsAndWhatWasConcluded()
    {
        var pairs = Sides.Of(new Random(1), 6, factor: 1.1, noise: 0.01, endpoints: 2);
        var session = Session(pairs) with { Comparison = RunComparison.Compare(pairs) };
        var path = Path.Combine(_folder, "session.json");
        SessionFileJson.Write(path, session);

        var read = SessionFileJson.Read(path);

        Assert.True(SessionFileJson.IsSession(path));
        Assert.Equal(Encoding.UTF8.GetString(SessionFileJson.ToUtf8Bytes(session)), Encoding.UTF8.GetString(SessionFileJson.ToUtf8Bytes(read)));
        var again = RunComparison.Compare(read.Pairs());
        Assert.Equal(session.Comparison.Metrics.Select(metric => metric.Verdict), again.Metrics.Select(metric => metric.Verdict));
        Assert.All(read.Runs, run => Assert.All(run.Run.Series, point => Assert.Null(point.LatencyHistogram)));
    }

    [Fact]
    public void Read_WhatIsNoSession_SaysWhy()
    {
        Assert.Contains("no such file", Error("none.json", null), StringComparison.Ordinal);
        Assert.Contains("headroom-session/2", Error("new.json", """{ "schema": "headroom-session/2", "title": "t", "startedAt": "2026-01-01T00:00:00Z", "seed": 1, "variants": [], "runs": [] }"""), StringComparison.Ordinal);
        Assert.Contains("title", Error("short.json", """{ "schema": "headroom-session/1" }"""), StringComparison.Ordinal);
        Assert.False(SessionFileJson.IsSession(Path.Combine(_folder, "none.json")));

        string Error(string name, string? content)
        {
            var path = Path.Combine(_folder, name);
            if (content is not null)
                File.WriteAllText(path, content);
            return Assert.Throws<RunFileException>(() => SessionFileJson.Read(path)).Message;
        }
    }

    [Fact]
    public void Pairs_BlockThatLacksAVariant_IsRefused()
    {
        var session = Session(Sides.Of(new Random(1), 2, factor: 1, noise: 0.01));
        Assert.Equal(2, session.Pairs().Count);
        Assert.Throws<ArgumentException>(() => (session with { Runs = [.. session.Runs.Skip(1)] }).Pairs());
    }

    private static SessionFile Session(IReadOnlyList<RunPair> pairs) => new()
    {
        Title = "checkout",
        StartedAt = SampleRun.StartedAt,
        Seed = 7,
        Variants = [.. new[] { SessionFile.BeforeVariant, SessionFile.AfterVariant, SessionFile.ControlVariant }.Select(name => new SessionVariant { Name = name, Source = $"run {name}" })],
        Runs =
        [
            .. pairs.SelectMany((pair, i) => new[] { (SessionFile.BeforeVariant, pair.Before), (SessionFile.AfterVariant, pair.After), (SessionFile.ControlVariant, pair.Control!) }
                .Select((run, position) => new SessionRun { Variant = run.Item1, Block = i + 1, Position = position + 1, Run = run.Item2 })),
        ],
    };
}
