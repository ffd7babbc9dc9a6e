using System.Diagnostics;
using System.Runtime.InteropServices;
using Headroom.Telemetry.Timings;

namespace Headroom.Telemetry;

/// <summary>
/// Where code reports what the current request's time went into. Database operations and HTTP calls that are measured anyway report by themselves. Costs a nanosecond and does nothing where no request is timed: without
/// <see cref="RequestTimingExtensions.UseHeadroomTelemetry"/>, and outside requests.
/// </summary>
public static class RequestTimings
{
    /// <summary>Whether the current flow of execution belongs to a request that is timed: then it is worth to look at the clock.</summary>
    public static bool IsOn => TimedRequest.Current is not null;

    /// <summary>Adds to a part of the current request's time.</summary>
    /// <param name="part">One of <see cref="RequestPart"/> or a name of your own: letters, digits, <c>-</c>, <c>_</c>, <c>.</c>; at most 32 characters, and 12 parts a request (what is beyond is <see cref="RequestPart.Handler"/>).</param>
    /// <param name="elapsed">Not negative.</param>
    /// <exception cref="ArgumentException">The name has other characters or is longer.</exception>
    public static void Add(string part, TimeSpan elapsed) => TimedRequest.Current?.Add(part, elapsed);

    /// <summary>Measures until the result is disposed of: <c>using (RequestTimings.Measure("render")) …</c></summary>
    /// <param name="part">As for <see cref="Add"/>.</param>
    public static Measurement Measure(string part) => new(TimedRequest.Current, part);

    /// <summary>Of <see cref="RequestTimings.Measure"/>.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly struct Measurement : IDisposable, IEquatable<Measurement>
    {
        readonly TimedRequest? request;
        readonly string part;
        readonly long startedAt;

        internal Measurement(TimedRequest? request, string part)
        {
            this.request = request;
            this.part = part;
            startedAt = request is null ? 0 : Stopwatch.GetTimestamp();
        }

        /// <summary>Adds what has passed.</summary>
        public void Dispose() => request?.Add(part, Stopwatch.GetElapsedTime(startedAt));

        /// <inheritdoc/>
        public bool Equals(Measurement other) => request == other.request && part == other.part && startedAt == other.startedAt;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Measurement other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(request, part, startedAt);

        /// <summary>Equality of all that they hold.</summary>
        public static bool operator ==(Measurement left, Measurement right) => left.Equals(right);

        /// <summary>The opposite of equality.</summary>
        public static bool operator !=(Measurement left, Measurement right) => !left.Equals(right);
    }
}
