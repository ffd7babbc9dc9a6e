using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Tests.Data.DataSets;

public sealed class DataSetGeneratorTests
{
    private static readonly DataSetSpecification Small = DataSetSpecification.Create("small", DataSetSpecification.DefaultSeed);

    [Fact]
    public void Generate_OfTheSmallSet_IsWhatThisVersionHasAlwaysMade()
    {
        // When this fails, the rows have changed: raise DataSetSpecification.Version, so that people's data sets are built
        // again, and put the new digest here.
        Assert.Equal(3, DataSetSpecification.Version);
        Assert.Equal("f9a64627927db04739bfe35833f5f6981d82f5d0e26d931a50832b493ff32dc2", DigestRowWriter.Of(Small));
    }

    [Fact]
    public void Generate_WithAnotherSeed_MakesOtherRowsInAsManyTables()
    {
        var other = new DigestRowWriter();
        DataSetGenerator.Generate(DataSetSpecification.Create("small", 7), other);
        var first = new DigestRowWriter();
        DataSetGenerator.Generate(Small, first);

        Assert.NotEqual(first.Digest(), other.Digest());
        Assert.Equal(first.RowsByTable.Keys, other.RowsByTable.Keys);
    }

    [Fact]
    public void Generate_OfTheSmallSet_HasTheRowsThatTheDocumentsPromise()
    {
        var writer = new DigestRowWriter();
        DataSetGenerator.Generate(Small, writer);

        Assert.Equal(20_000, writer.RowsByTable["users"]);
        Assert.Equal(20_000, writer.RowsByTable["messages"]);
        Assert.Equal(400, writer.RowsByTable["chats"]);
        Assert.Equal(24_192, writer.RowsByTable["signals"]);
        Assert.Equal(200, writer.RowsByTable["api_keys"]);
        Assert.Equal(13, writer.RowsByTable.Count);
        Assert.InRange(DataSetGenerator.ExpectedRows(Small), writer.Rows * 0.97, writer.Rows * 1.03);
    }

    [Fact]
    public void Create_OfTheLargeSet_HasAMillionUsers() =>
        Assert.Equal(1_000_000, DataSetSpecification.Create("large", 1).Rows.Users);

    [Fact]
    public void NextUInt64_OfAKnownSeed_NeverChanges()
    {
        var random = new SeededRandom(1, "test");

        Assert.Equal([7467441154655959576UL, 17719415030264503586UL, 7079212929631292320UL], [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()]);
    }

    [Fact]
    public void Next_OfManyDraws_StaysInBoundsAndIsEven()
    {
        var random = new SeededRandom(1, "bounds");
        var counts = new int[7];
        for (var draw = 0; draw < 70_000; draw++)
            counts[random.Next(7)]++;

        // Four standard deviations of a binomial with n = 70,000 and p = 1/7.
        Assert.All(counts, count => Assert.InRange(count, 9_630, 10_370));
    }

    [Fact]
    public void Sample_OfZipf_DrawsEachRankInProportionToItsWeight()
    {
        var random = new SeededRandom(1, "zipf");
        var zipf = new ZipfDistribution(100);
        var counts = new int[100];
        for (var draw = 0; draw < 100_000; draw++)
            counts[zipf.Sample(random)]++;

        var sum = Enumerable.Range(1, 100).Sum(rank => 1.0 / rank);
        foreach (var rank in (int[])[0, 1, 9, 49, 99])
        {
            var expected = 100_000 / sum / (rank + 1);
            Assert.InRange(counts[rank], expected - (4 * Math.Sqrt(expected)), expected + (4 * Math.Sqrt(expected)));
        }
    }

    [Fact]
    public void At_OfRisingIndexes_RisesWithinTheDaysAndSleepsAtNight()
    {
        var random = new SeededRandom(1, "time");
        var timeline = new Timeline(10);
        var times = Enumerable.Range(0, 10_000).Select(index => DateTimeOffset.FromUnixTimeMilliseconds(timeline.At(index, 10_000, random))).ToList();

        Assert.Equal(times.Order(), times);
        Assert.InRange(times[0], DataSetSpecification.TakenAt.AddDays(-10), DataSetSpecification.TakenAt.AddDays(-9.9));
        Assert.InRange(times[^1], DataSetSpecification.TakenAt.AddHours(-1), DataSetSpecification.TakenAt.AddTicks(-1));
        Assert.True(times.Count(time => time.Hour == 9) > 5 * times.Count(time => time.Hour == 3));
    }
}
