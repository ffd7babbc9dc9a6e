using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Tests.Harness;

/// <summary>A set that is built in a moment, with just enough users that a cancelled build notices.</summary>
internal static class TinyDataSet
{
    public static DataSetSpecification Specification { get; } = new("tiny", 1, new DataSetRows
    {
        Users = 2_000,
        Chats = 10,
        Messages = 100,
        Events = 100,
        HealthPoints = 100,
        Items = 20,
        SignalPointsPerSeries = 10,
        Runs = 50,
        Reports = 5,
        ApiKeys = 5,
    });
}
