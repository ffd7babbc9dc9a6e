using System.Globalization;

namespace Headroom.Telemetry.Tests.Collection;

internal static class CollectorAssert
{
    /// <summary>The value of a sample line.</summary>
    public static double ValueOf(string line) => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
}
