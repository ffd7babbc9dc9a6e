using Headroom.Cli.Sessions;
using Headroom.Load.Variants;
using Headroom.Measurements.Comparison;

namespace Headroom.Cli.Ablate;

/// <summary>The variants of an ablation: all switches off, all on, each alone, and all but each.</summary>
internal static class AblationVariants
{
    public static IReadOnlyList<Variant> Of(VariantSet set) =>
    [
        Make(set, AblationResult.PlainVariant, _ => false),
        Make(set, AblationResult.AllVariant, _ => true),
        .. set.Switches.Select(one => Make(set, AblationResult.Alone(one.Name), other => other == one)),
        // With one switch alone, all but that one is plain.
        .. set.Switches.Select(one => Make(set, AblationResult.Without(one.Name), other => other != one)),
    ];

    /// <summary>Later ones go before: what a switch says goes before what the file says for all.</summary>
    private static Variant Make(VariantSet set, string name, Func<VariantSwitch, bool> isOn)
    {
        var states = set.Switches.Select(one => isOn(one) ? one.On : one.Off).ToList();
        var environment = new Dictionary<string, string>(set.Environment, StringComparer.Ordinal);
        foreach (var (variable, value) in states.SelectMany(state => state.Environment))
            environment[variable] = value;
        var command = string.Join(' ', states.Select(state => state.Arguments).OfType<string>().Prepend(set.Command));
        return new Variant(name, command, null, environment);
    }
}
