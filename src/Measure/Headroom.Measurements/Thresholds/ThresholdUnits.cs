namespace Headroom.Measurements.Thresholds;

/// <summary>A unit and how many base units of its family it has. Decimal, so that 0.1 % is exactly 0.001.</summary>
internal sealed record ThresholdUnit(string Name, decimal Factor)
{
    /// <summary>Other spellings that are understood.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
}

/// <summary>The units that a metric's value may have.</summary>
/// <param name="Units">In the order they are listed to people.</param>
/// <param name="Default">The unit of a bare number.</param>
/// <param name="Example">A value to show in an error.</param>
internal sealed record ThresholdUnits(IReadOnlyList<ThresholdUnit> Units, ThresholdUnit Default, string Example)
{
    private static readonly ThresholdUnit Microseconds = new("us", 0.001m) { Aliases = ["µs", "μs"] };

    /// <summary>Base unit: milliseconds.</summary>
    public static readonly ThresholdUnits Latency =
        Of("ms", "150ms", new("ns", 0.000_001m), Microseconds, new("ms", 1), new("s", 1_000));

    /// <summary>Base unit: microseconds.</summary>
    public static readonly ThresholdUnits ProcessorTime =
        Of("us", "500us", new("ns", 0.001m), Microseconds with { Factor = 1 }, new("ms", 1_000), new("s", 1_000_000));

    /// <summary>Base unit: a fraction, 0 to 1.</summary>
    public static readonly ThresholdUnits Rate = new([new ThresholdUnit("%", 0.01m)], new ThresholdUnit("", 1), "0.1%");

    /// <summary>Base unit: per second.</summary>
    public static readonly ThresholdUnits Throughput = Of("/s", "1000/s", new ThresholdUnit("/s", 1));

    /// <summary>Base unit: bytes. kB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024.</summary>
    public static readonly ThresholdUnits Size = Of(
        "B", "100MB", new("B", 1), new("kB", 1e3m), new("MB", 1e6m), new("GB", 1e9m), new("KiB", 1024), new("MiB", 1024 * 1024), new("GiB", 1024 * 1024 * 1024));

    /// <summary>Base unit: bytes per second.</summary>
    public static readonly ThresholdUnits DataRate = Of("B/s", "1MB/s", [.. Size.Units.Select(unit => unit with { Name = unit.Name + "/s" })]);

    /// <summary>Base unit: bytes per hour.</summary>
    public static readonly ThresholdUnits Growth = Of("MB/h", "10MB/h", [.. Size.Units.Select(unit => unit with { Name = unit.Name + "/h" })]);

    /// <summary>Of figures that may be anything: a bare number, or a percentage of one.</summary>
    public static readonly ThresholdUnits Number = new([new ThresholdUnit("%", 0.01m)], new ThresholdUnit("", 1), "90%");

    public static readonly ThresholdUnits Count = new([], new ThresholdUnit("", 1), "1");

    /// <summary>What to tell people: <c>ns, us, ms, s</c>.</summary>
    public string Allowed => Units.Count == 0 ? "a number without a unit" : string.Join(", ", Units.Select(unit => unit.Name));

    public ThresholdUnit? Find(string name) =>
        name.Length == 0
            ? Default
            : Units.FirstOrDefault(unit => unit.Aliases.Prepend(unit.Name).Contains(name, StringComparer.OrdinalIgnoreCase));

    private static ThresholdUnits Of(string defaultName, string example, params ThresholdUnit[] units) =>
        new(units, units.Single(unit => unit.Name == defaultName), example);
}
