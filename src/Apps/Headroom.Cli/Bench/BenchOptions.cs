using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Cli.Bench;

/// <summary>What the person asked for, checked and typed.</summary>
internal sealed record BenchRequest
{
    /// <summary>One plan file, or one or more addresses.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    public required DefaultScenarios.Wishes Wishes { get; init; }

    public string? Method { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public byte[]? Body { get; init; }

    public IReadOnlyList<double> Weights { get; init; } = [];

    public TimeSpan? Timeout { get; init; }

    public IReadOnlyList<string> Targets { get; init; } = [];

    public Uri? BaseUrl { get; init; }

    public required LoadOptions LoadOptions { get; init; }

    /// <summary>Over HTTP/2, whatever the plan says.</summary>
    public bool Http2 { get; init; }

    public required ReportOutputs Outputs { get; init; }

    /// <summary>Files that options name and that are read.</summary>
    public IReadOnlyList<string> SourceFiles { get; init; } = [];

    public bool Quiet { get; init; }
}

/// <summary>The options of <c>headroom bench</c>, as the parser knows them.</summary>
internal sealed class BenchOptions
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly Argument<string[]> _sources = new("URL|PLAN")
    {
        Description = "Address to measure (several are taken in turn, by their weights), or a plan file (.yaml, .json).",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> _connections = Options.Whole("--connections", "Connections kept busy in one closed-loop phase (with --rate: kept at most).", 1, 65_535);
    private readonly Option<TimeSpan?> _duration = Options.Duration("--duration", "Length of each measured phase. Default 10s.", TimeSpan.FromMilliseconds(1), Week);
    private readonly Option<TimeSpan?> _warmUp = Options.Duration("--warmup", "Sent before measuring and counted apart. Default 2s.", TimeSpan.Zero, Week);
    private readonly Option<double?> _rate = Options.Rate("--rate", "Constant rate of arrivals (1000/s): latency counts from when each was due.");
    private readonly Option<string?> _method = new("--method") { Description = "HTTP method. Default GET, or POST with a body.", HelpName = "METHOD" };
    private readonly Option<string[]> _headers = Options.Many("--header", "NAME:VALUE", "Header to send; repeatable.", CheckHeader);
    private readonly Option<string?> _body = new("--body") { Description = "Body to send, as UTF-8 text.", HelpName = "TEXT" };
    private readonly Option<string?> _bodyFile = Options.Path("--body-file", "FILE", "Body to send, from a file.");
    private readonly Option<bool> _compressed = new("--compressed") { Description = "Ask for compressed responses (Accept-Encoding: br, gzip)." };
    private readonly Option<string?> _weights = new("--weights") { Description = "Weights of several addresses, in their order: 3,1.", HelpName = "N,N" };
    private readonly Option<TimeSpan?> _timeout = Options.Duration("--timeout", "Longest wait for a whole response. Default 30s.", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
    private readonly Option<string[]> _targets = Options.Many(
        "--target", "TARGET", "Target such as 'p95<150ms', 'errors<0.1%', 'rss<100MB', 'hit-rate>85%'; repeatable.", CheckTarget);

    private readonly Option<string?> _baseUrl = new("--base-url") { Description = "Replaces the target of a plan file.", HelpName = "URL" };
    private readonly Option<int?> _pid = Options.Whole("--pid", "Process of the target, to watch its CPU, memory and handles. Found by its port when local.", 1, int.MaxValue);
    private readonly Option<int?> _workers = Options.Whole("--workers", "Threads that send. Default: half the cores, at most 8.", 1, 256);
    private readonly ConnectionOptions _connection = new();
    private readonly Option<string?> _out = OutputOptions.File("--out", "Write the run file (JSON, headroom-run/1).");
    private readonly OutputOptions _reports = new();
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress while it runs." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_sources);
        foreach (var option in new Option[]
        {
            _connections, _duration, _warmUp, _rate, _method, _headers, _body, _bodyFile, _compressed, _weights, _timeout,
            _targets, _baseUrl, _pid, _workers, _out, _quiet,
        })
        {
            command.Options.Add(option);
        }

        _connection.AddTo(command);
        _reports.AddTo(command);
        _sources.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
    }

    public BenchRequest Read(ParseResult result)
    {
        var body = result.GetValue(_body);
        var bodyFile = result.GetValue(_bodyFile);
        if (body is not null && bodyFile is not null)
            throw new UsageException("--body and --body-file are both given; keep one");
        var headers = (result.GetValue(_headers) ?? []).Select(SplitHeader).ToList();
        if (result.GetValue(_compressed))
            headers.Add(("Accept-Encoding", "br, gzip"));
        return new BenchRequest
        {
            Sources = result.GetValue(_sources)!,
            Wishes = new DefaultScenarios.Wishes
            {
                Connections = result.GetValue(_connections),
                RatePerSecond = result.GetValue(_rate),
                Duration = result.GetValue(_duration),
                WarmUp = result.GetValue(_warmUp),
            },
            Method = result.GetValue(_method)?.ToUpperInvariant(),
            Headers = headers,
            Body = body is not null ? System.Text.Encoding.UTF8.GetBytes(body) : bodyFile is not null ? ReadBody(bodyFile) : null,
            Weights = ReadWeights(result.GetValue(_weights), result.GetValue(_sources)!.Length),
            Timeout = result.GetValue(_timeout),
            Targets = result.GetValue(_targets) ?? [],
            BaseUrl = ReadBaseUrl(result.GetValue(_baseUrl)),
            LoadOptions = _connection.Read(result, new LoadOptions { TargetProcessId = result.GetValue(_pid), Workers = result.GetValue(_workers) }),
            Http2 = _connection.IsHttp2(result),
            Outputs = _reports.Read(result, result.GetValue(_out)),
            SourceFiles = [.. _connection.Files(result), .. bodyFile is null ? [] : new[] { bodyFile }],
            Quiet = result.GetValue(_quiet),
        };
    }

    private static byte[] ReadBody(string file) =>
        File.Exists(file) ? File.ReadAllBytes(file)
        : throw new UsageException($"--body-file: '{file}': {(Directory.Exists(file) ? "is a folder; write a file name" : "there is no such file")}");

    private static string? CheckHeader(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            return $"--header is '{text}'; write NAME:VALUE, such as 'Accept: application/json'";
        var (name, value) = SplitHeader(text);
        return LoadLimits.CheckHeader(name, value) is { } problem ? $"--header: {problem}" : null;
    }

    private static (string Name, string Value) SplitHeader(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (text[..colon].Trim(), text[(colon + 1)..].Trim());
    }

    private static string? CheckTarget(string text) =>
        ThresholdExpression.TryParse(text, out _, out var error) ? null : $"--target: {error}";

    private static double[] ReadWeights(string? text, int sources)
    {
        if (text is null)
            return [];
        var parts = text.Split(',');
        var weights = new List<double>();
        foreach (var part in parts)
        {
            if (!double.TryParse(part, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var weight) || !(weight > 0) || !double.IsFinite(weight))
                throw new UsageException($"--weights has '{part}'; write numbers above 0 with commas between them, such as 3,1");
            weights.Add(weight);
        }

        return weights.Count == sources ? [.. weights] : throw new UsageException($"--weights has {weights.Count} numbers for {sources} addresses; write one for each");
    }

    private static Uri? ReadBaseUrl(string? text)
    {
        if (text is null)
            return null;
        return HttpAddress.TryParse(text, out var url, out var error) ? url : throw new UsageException($"--base-url: {error}");
    }
}
