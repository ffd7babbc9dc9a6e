using FsCheck.Fluent;
using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Tests.Statistics;

public sealed class HolmCorrectionTests(ITestOutputHelper output)
{
    /// <summary>The example of R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").</summary>
    [Fact]
    public void Adjust_PublishedExample_GivesThePublishedValues() =>
        Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 10)));

    /// <summary>Step down: the smallest p is held against α/m, the next against α/(m − 1), until one fails; all after it fail too.</summary>
    [Fact]
    public void Adjust_AnyTests_RejectsExactlyWhatTheStepDownProcedureRejects() =>
        Property.Check(output, Property.Between(0, 1000).Select(p => p / 10_000.0).ArrayOf(), pValues =>
        {
            const double Alpha = 0.05;
            var adjusted = HolmCorrection.Adjust(pValues);
            var rejected = new HashSet<int>();
            foreach (var (i, step) in Enumerable.Range(0, pValues.Length).OrderBy(i => pValues[i]).Select((i, step) => (i, step)))
            {
                if ((pValues.Length - step) * pValues[i] > Alpha)
                    break;
                rejected.Add(i);
            }

            return Enumerable.Range(0, pValues.Length).All(i => adjusted[i] <= Alpha == rejected.Contains(i) && adjusted[i] >= pValues[i] && adjusted[i] <= 1);
        });

    [Fact]
    public void Adjust_NoTestOrABadOne_IsEmptyOrRefused()
    {
        Assert.Empty(HolmCorrection.Adjust([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HolmCorrection.Adjust([0.5, 1.5]));
    }
}
