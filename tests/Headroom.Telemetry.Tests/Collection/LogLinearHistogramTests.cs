using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Tests.Collection;

public sealed class LogLinearHistogramTests
{
    const double RelativeError = 1.0 / 256;

    [Fact]
    public void Quantile_Empty_IsNull() => Assert.Null(new LogLinearHistogram().Read().Quantile(0.5));

    [Fact]
    public void Quantile_RandomValues_IsWithinTheStatedErrorOfTheSortedList()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var histogram = new LogLinearHistogram();
            // From nanoseconds to hours, in every shape.
            var values = Enumerable.Range(0, 1 + random.Next(2_000)).Select(_ => Math.Pow(10, (random.NextDouble() * 13) - 9)).ToArray();
            foreach (var value in values)
                histogram.Record(value);
            Array.Sort(values);
            var snapshot = histogram.Read();
            Assert.Equal(values.Length, snapshot.Count);
            foreach (var share in new[] { 0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1 })
            {
                var exact = values[Math.Max(0, (int)Math.Ceiling(share * values.Length) - 1)];
                Assert.InRange(snapshot.Quantile(share)!.Value / exact, 1 - RelativeError, 1 + RelativeError);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.Epsilon)]
    [InlineData(1e300)]
    public void Record_OutsideTheRange_CountsInAnOutermostBin(double value)
    {
        var histogram = new LogLinearHistogram();
        histogram.Record(value);
        var snapshot = histogram.Read();
        Assert.Equal(1, snapshot.Count);
        Assert.InRange(snapshot.Quantile(0.5)!.Value, 0, 131_072);
    }

    [Fact]
    public void Quantile_OneValue_IsThatValueForEveryShare()
    {
        var histogram = new LogLinearHistogram();
        histogram.Record(0.123);
        var snapshot = histogram.Read();
        Assert.All([0, 0.5, 1], share => Assert.InRange(snapshot.Quantile(share)!.Value, 0.123 * (1 - RelativeError), 0.123 * (1 + RelativeError)));
    }
}
