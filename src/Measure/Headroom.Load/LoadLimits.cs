using Headroom.Load.Plans;

namespace Headroom.Load;

/// <summary>Bounds that a program which builds plans from people's input wants to check early.</summary>
public static class LoadLimits
{
    /// <summary>Highest arrival rate of a scenario, per second.</summary>
    public const double RateMax = LoadPlanValidation.RateMax;

    /// <summary>What is wrong with a header, or null.</summary>
    public static string? CheckHeader(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        return LoadPlanValidation.CheckHeader(name, value);
    }
}
