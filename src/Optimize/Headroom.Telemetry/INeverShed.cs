namespace Headroom.Telemetry;

/// <summary>
/// Metadata of endpoints by which people and platforms see the application: metrics, health. Load shedding lets their requests through, because an application that hides its state when it is overloaded is restarted
/// by its platform or left alone by its operators. <see cref="TelemetryEndpointRouteBuilderExtensions"/> puts it on its endpoints.
/// </summary>
public interface INeverShed;

/// <summary>The only implementation that this package needs.</summary>
internal sealed class NeverShed : INeverShed
{
    public static readonly NeverShed Instance = new();
}
