using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>What came back of the requests of one name.</summary>
public sealed class RequestFigures
{
    internal RequestFigures(RequestSummary summary)
    {
        Summary = summary;
        Latency = new LatencyFigures(summary.LatencyMs, summary.LatencyHistogram);
        ServiceTime = new LatencyFigures(summary.ServiceTimeMs, summary.ServiceTimeHistogram);
        StatusCodes = summary.Statuses.ToDictionary(entry => int.Parse(entry.Key, CultureInfo.InvariantCulture), entry => entry.Value);
    }

    /// <summary>Requests that ended: with a response or with an error.</summary>
    public long Requests => Summary.Requests;

    /// <summary>Requests per second.</summary>
    public double Throughput => Summary.RequestsPerSecond;

    /// <summary>Transport errors and responses with status 400 or above.</summary>
    public long Errors => Summary.Errors;

    /// <summary>Errors over requests, 0 to 1.</summary>
    public double ErrorRate => Summary.ErrorRate;

    /// <summary>From when a request was due to the last byte of its response: a server that stalls cannot hide its queue.</summary>
    public LatencyFigures Latency { get; }

    /// <summary>From when a request was sent, which is what other tools call latency.</summary>
    public LatencyFigures ServiceTime { get; }

    /// <summary>Responses by status code.</summary>
    public IReadOnlyDictionary<int, long> StatusCodes { get; }

    /// <summary>Errors by kind (docs/errors.md): <c>http5xx</c>, <c>connectionReset</c> and others.</summary>
    public IReadOnlyDictionary<string, long> ErrorsByKind => Summary.ErrorsByKind;

    /// <summary>Body bytes after decoding over body bytes on the wire: 4 when compression made them a quarter; null without bodies.</summary>
    public double? CompressionRatio => Summary.BodyBytes > 0 ? (double)Summary.DecodedBodyBytes / Summary.BodyBytes : null;

    /// <summary>The same and more, as the run file has it.</summary>
    public RequestSummary Summary { get; }
}
