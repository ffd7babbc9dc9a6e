using System.Runtime.InteropServices;

namespace Headroom.Telemetry;

/// <summary>How a pool of database connections is used at one moment; see <see cref="DatabaseMetrics.ObservePool"/>.</summary>
/// <param name="Used">Connections on loan.</param>
/// <param name="Idle">Open connections that wait to be borrowed.</param>
/// <param name="Max">The most that there can be; null when nothing bounds them.</param>
/// <param name="Waiting">Callers that wait for a connection.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ConnectionPoolUse(int Used, int Idle, int? Max = null, int Waiting = 0);
