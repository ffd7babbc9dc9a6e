using System.CommandLine;
using Headroom.Cli.Bench;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Headroom.Measurements.Statistics;

namespace Headroom.Cli.Sessions;

/// <summary>The options of every command that measures variants beside each other.</summary>
internal sealed class SessionOptions
{
    private const int DefaultConnections = 16;
    private const string NoMetrics = "none";
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultWarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultStartTimeout = TimeSpan.FromSeconds(60);

    private readonly Option<int?> _blocks;
    private readonly Option<TimeSpan?> _duration = Options.Duration("--duration", "Length of each run. Default: the plan's; 5s where it names no scenario.", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
    private readonly Option<int?> _connections = Options.Whole("--connections", "Connections kept busy, instead of the plan's load.", 1, 65_535);
    private readonly Option<double?> _rate = Options.Rate("--rate", "Constant rate of arrivals (1000/s), instead of the plan's load.");
    private readonly Option<TimeSpan?> _warmUp = Options.Duration("--warmup", "Load that each variant gets before the first block. Default 5s.", TimeSpan.Zero, TimeSpan.FromHours(1));
    private readonly Option<int?> _turns = Options.Whole("--turns", "Turns in which the runs of a block are sent, one of each variant after the other.", 1, SessionTurns.Max);
    private readonly Option<int?> _seed = Options.Whole("--seed", "Of the order in the blocks; printed. Default: a new one each time.", 1, int.MaxValue);
    private readonly Option<string?> _ready = Options.PathAtTarget("--ready", "Path that answers, with a status below 500, when a variant is ready. Default /.");
    private readonly Option<TimeSpan?> _startTimeout = Options.Duration("--start-timeout", "Longest wait for that. Default 60s.", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    private readonly Option<string?> _metrics = Options.PathAtTarget("--metrics", "Path of the metrics (Prometheus text) that count allocated bytes; 'none' asks for none. Default /metrics.", NoMetrics);
    private readonly Option<int?> _workers = Options.Whole("--workers", "Threads that send. Default: half the cores, at most 8.", 1, 256);
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress while it runs." };

    /// <param name="blocks">Name of the option that says how many blocks there are.</param>
    /// <param name="description">What a block is.</param>
    public SessionOptions(string blocks, string description) => _blocks = Options.Whole(blocks, description, SignedRank.PairsMin(0.05), 200);

    private IReadOnlyList<Option> All => [_blocks, _duration, _connections, _rate, _warmUp, _turns, _seed, _ready, _startTimeout, _metrics, _workers, _quiet];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }

    /// <summary>Names of those that were given.</summary>
    public IReadOnlyList<string> Given(ParseResult result) => [.. All.Where(option => result.GetResult(option) is { Implicit: false }).Select(option => option.Name)];

    /// <summary>How a command measures where the person says nothing.</summary>
    /// <param name="Blocks">How many.</param>
    /// <param name="Duration">Of a run; null takes the plan's.</param>
    /// <param name="Ready">Path that answers when a variant is ready.</param>
    /// <param name="TakesTurns">Whether the runs of a block are sent in turns, after a warm-up that goes on until the variants have settled.</param>
    public sealed record Defaults(int Blocks, TimeSpan? Duration = null, string? Ready = null, bool TakesTurns = false);

    /// <summary>The session of these variants; the plan is read once now, so that its mistakes are told before anything is started.</summary>
    /// <exception cref="Headroom.Load.Plans.LoadPlanException">The plan has mistakes.</exception>
    public SessionRequest Read(ParseResult result, string plan, IReadOnlyList<Variant> variants, Defaults defaults)
    {
        var options = new LoadOptions { Workers = result.GetValue(_workers) };
        var wishes = new DefaultScenarios.Wishes
        {
            Connections = result.GetValue(_connections),
            RatePerSecond = result.GetValue(_rate),
            Duration = result.GetValue(_duration) ?? defaults.Duration,
        };
        var sample = PlanFor(new Uri("http://127.0.0.1:1"));
        if (sample.Validate() is { Count: > 0 } problems)
            throw new UsageException(string.Join('\n', problems));
        var turns = result.GetValue(_turns);
        if (turns is { } wanted && SessionTurns.ProblemOf(sample, wanted) is { } problem)
            throw new UsageException(problem);
        return new SessionRequest
        {
            Title = sample.Name,
            Variants = variants,
            PlanFor = PlanFor,
            SourceFiles = sample.SourceFiles,
            Blocks = result.GetValue(_blocks) ?? defaults.Blocks,
            Seed = result.GetValue(_seed) ?? Random.Shared.Next(1, int.MaxValue),
            WarmUp = result.GetValue(_warmUp) ?? DefaultWarmUp,
            Settles = defaults.TakesTurns,
            Turns = turns ?? (defaults.TakesTurns ? null : 1),
            Ready = result.GetValue(_ready) ?? defaults.Ready ?? "/",
            StartTimeout = result.GetValue(_startTimeout) ?? DefaultStartTimeout,
            Metrics = result.GetValue(_metrics) is var path && path == NoMetrics ? null : path ?? "/metrics",
            LoadOptions = options,
            Quiet = result.GetValue(_quiet),
        };

        LoadPlan PlanFor(Uri address)
        {
            var read = LoadPlanFile.Read(plan, address);
            var wished = read.HasDefaultScenarios && wishes.Connections is null && wishes.RatePerSecond is null
                ? wishes with { Connections = DefaultConnections, Duration = wishes.Duration ?? DefaultDuration }
                : wishes;
            return BenchPlan.From(new BenchRequest { Sources = [plan], Wishes = wished, BaseUrl = address, LoadOptions = options, Outputs = new ReportOutputs() });
        }
    }
}
