using Headroom.Load.Recording;

namespace Headroom.Load.Tests.Recording;

public sealed class MemoryGrowthTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1_000_000_000_000_000, 1)]
    [InlineData(5, -2.5)]
    public void BytesPerHour_Line_IsItsSlopeWhateverTheClockStartedAt(long startNs, double bytesPerSecond)
    {
        var growth = Of(Enumerable.Range(0, 500).Select(i => (startNs + (i * Second / 5), 1e9 + (bytesPerSecond * i / 5))));
        Assert.Equal(bytesPerSecond * 3600, growth!.Value, 0.01);
    }

    [Fact]
    public void BytesPerHour_SawtoothOfAGarbageCollector_IsAboutFlat()
    {
        // From 50 MB to 100 MB and back every 10 s, for 10 min: end to end it looks like 50 MB in 10 min.
        var growth = Of(Enumerable.Range(0, 3000).Select(i => (i * Second / 5, 50e6 + (i % 50 * 1e6))));
        Assert.InRange(growth!.Value, -6e6, 6e6);
    }

    [Fact]
    public void BytesPerHour_LeakUnderASawtooth_IsFound()
    {
        var growth = Of(Enumerable.Range(0, 3000).Select(i => (i * Second / 5, 50e6 + (i % 50 * 1e6) + (i * 20_000.0))));
        Assert.InRange(growth!.Value, 355e6, 365e6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void BytesPerHour_TooFewSamples_IsNotKnown(int samples) => Assert.Null(Of(Enumerable.Range(0, samples).Select(i => (i * Second, i * 1e6))));

    [Fact]
    public void BytesPerHour_SamplesAtOneMoment_IsNotKnown() => Assert.Null(Of(Enumerable.Range(0, 5).Select(i => (Second, i * 1e6))));

    private static double? Of(IEnumerable<(long AtNs, double Bytes)> samples)
    {
        var growth = new MemoryGrowth();
        foreach (var (atNs, bytes) in samples)
            growth.Add(atNs, bytes);
        return growth.BytesPerHour;
    }
}
