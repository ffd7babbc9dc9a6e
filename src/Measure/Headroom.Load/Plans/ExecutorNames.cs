namespace Headroom.Load.Plans;

/// <summary>k6's names of the executors.</summary>
internal static class ExecutorNames
{
    public const string ConstantVus = "constant-vus";
    public const string ConstantArrivalRate = "constant-arrival-rate";

    public static readonly string[] All = [ConstantVus, ConstantArrivalRate];

    public static string Name(ExecutorKind kind) => kind == ExecutorKind.ConstantVus ? ConstantVus : ConstantArrivalRate;
}
