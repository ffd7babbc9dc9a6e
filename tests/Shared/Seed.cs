using System.Globalization;

namespace Headroom.Testing;

/// <summary>The seed of a property test: printed, and replayed by <c>HEADROOM_TEST_SEED=123</c>.</summary>
internal static class Seed
{
    public static int Printed(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEADROOM_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed: HEADROOM_TEST_SEED={seed}"));
        return seed;
    }
}
