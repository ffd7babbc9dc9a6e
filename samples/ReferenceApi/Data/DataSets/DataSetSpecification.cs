namespace ReferenceApi.Data.DataSets;

/// <summary>
/// What a data set is made of. Equal specifications give equal rows, on every machine and in both databases.
/// </summary>
/// <param name="Name">How it is asked for on the command line: <c>small</c> or <c>large</c>.</param>
/// <param name="Seed">Where its random numbers start.</param>
/// <param name="Rows">How many rows each table gets.</param>
internal sealed record DataSetSpecification(string Name, ulong Seed, DataSetRows Rows)
{
    /// <summary>Raised whenever the schema or the generated rows change, so that data sets built before are built again.</summary>
    public const int Version = 3;

    public const ulong DefaultSeed = 20_250_101;

    public static readonly IReadOnlyList<string> Names = ["small", "large"];

    /// <summary>
    /// The moment at which the data was "taken": nothing seeded is later. Fixed, so that answers do not depend on the day on which the set was built.
    /// </summary>
    public static readonly DateTimeOffset TakenAt = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DataSetSpecification Create(string name, ulong seed) => name switch
    {
        "small" => new(name, seed, new DataSetRows
        {
            Users = 20_000,
            Chats = 400,
            Messages = 20_000,
            Events = 20_000,
            HealthPoints = 20_000,
            Items = 5_000,
            SignalPointsPerSeries = 2_016,
            Runs = 10_000,
            Reports = 500,
            ApiKeys = 200,
        }),
        "large" => new(name, seed, new DataSetRows
        {
            Users = 1_000_000,
            Chats = 5_000,
            Messages = 400_000,
            Events = 200_000,
            HealthPoints = 400_000,
            Items = 50_000,
            SignalPointsPerSeries = 25_920,
            Runs = 100_000,
            Reports = 5_000,
            ApiKeys = 2_000,
        }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such data set."),
    };
}

/// <summary>How many rows the tables of a data set get.</summary>
internal sealed record DataSetRows
{
    public required int Users { get; init; }

    public required int Chats { get; init; }

    public required int Messages { get; init; }

    public required int Events { get; init; }

    public required int HealthPoints { get; init; }

    public required int Items { get; init; }

    /// <summary>Points of each signal, five minutes apart.</summary>
    public required int SignalPointsPerSeries { get; init; }

    public required int Runs { get; init; }

    public required int Reports { get; init; }

    public required int ApiKeys { get; init; }
}
