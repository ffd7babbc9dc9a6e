using System.Globalization;
using CapacityServer.Models;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

/// <summary>Searches in virtual time against servers whose limit is known.</summary>
public sealed class ConstructedServersTests(ITestOutputHelper output)
{
    private const int Searches = 20;

    public static TheoryData<string> Kinds => [.. ServerModel.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Search_ServerWithAKnownLimit_IsWithinTenPercentOfIt(string kind)
    {
        var seed = Seed.Printed(output);
        var far = new List<string>();
        var (seconds, steps) = (0.0, 0);
        for (var i = 0; i < Searches; i++)
        {
            var random = new Random(seed + i);
            var model = ServerModel.Create(kind, seed + i);

            // Where the ramp's rates lie against the limit is chance in life, so it is here.
            var options = new CapacityOptions { Objectives = ["p99<200ms", "errors<0.1%"], FromPerSecond = 5 + (15 * random.NextDouble()) };
            var (result, took) = SimulatedSearch.Run(model, options, seed + i);
            var error = (result.RatePerSecond / model.LimitPerSecond) - 1;
            seconds += took;
            steps += result.Steps.Count;
            if (Math.Abs(error) > 0.1 || result.EndedBy != CapacityEnd.PrecisionReached)
                far.Add(string.Create(CultureInfo.InvariantCulture, $"search {i}: {result.RatePerSecond:0.#}/s, {error:+0.0%;-0.0%} ({result.EndedBy})"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.RatePerSecond:0.0} of {model.LimitPerSecond:0.0} ({error:+0.0%;-0.0%}) [{result.LowPerSecond:0.0}, {result.HighPerSecond:0.0}] {result.Steps.Count} steps, {took:0} s"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{steps / (double)Searches:0.0} steps and {seconds / Searches:0} s a search"));
        Assert.Empty(far);
    }
}
