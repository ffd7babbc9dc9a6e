using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Headroom.Testing;

/// <summary>
/// Runs an FsCheck property with a seed that is printed, so that a failure can be run again:
/// <c>HEADROOM_TEST_SEED=123 dotnet run …</c>.
/// </summary>
internal static class Property
{
    public static void Check<T>(ITestOutputHelper output, Gen<T> inputs, Func<T, bool> property, int runs = 200)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("HEADROOM_TEST_SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : unchecked((ulong)Random.Shared.NextInt64());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed: HEADROOM_TEST_SEED={seed}"));

        // FsCheck wants the second number odd.
        var config = Config.QuickThrowOnFailure.WithReplay(seed, (seed << 1) | 1).WithMaxTest(runs);
        Prop.ForAll(inputs.ToArbitrary(), property).Check(config);
    }

    /// <summary>Any number of the range, both bounds included. FsCheck's fluent <c>Gen.Choose</c> has 32 bits only.</summary>
    public static Gen<long> Between(long lowest, long highest) => FsCheck.FSharp.Gen.Choose64(lowest, highest);
}
