namespace Headroom.Load.Plans;

/// <summary>k6's names of the executors.</summary>
internal static class ExecutorNames
{
    public const string ConstantVus = "constant-vus";
    public const string ConstantArrivalRate = "constant-arrival-rate";

    public const string RampingVus = "ramping-vus";
    public const string RampingArrivalRate = "ramping-arrival-rate";
    public const string PerVuIterations = "per-vu-iterations";
    public const string SharedIterations = "shared-iterations";
    public const string Replay = "replay";

    public static readonly string[] All = [ConstantVus, ConstantArrivalRate, RampingVus, RampingArrivalRate, PerVuIterations, SharedIterations, Replay];

    public static ExecutorKind Kind(string name) => Enum.GetValues<ExecutorKind>().Single(kind => Name(kind) == name);

    public static string Name(ExecutorKind kind) => kind switch
    {
        ExecutorKind.ConstantVus => ConstantVus,
        ExecutorKind.ConstantArrivalRate => ConstantArrivalRate,
        ExecutorKind.RampingVus => RampingVus,
        ExecutorKind.RampingArrivalRate => RampingArrivalRate,
        ExecutorKind.PerVuIterations => PerVuIterations,
        ExecutorKind.SharedIterations => SharedIterations,
        _ => Replay,
    };
}
