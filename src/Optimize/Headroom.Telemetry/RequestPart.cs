namespace Headroom.Telemetry;

/// <summary>What a request's time is spent on, as <c>Server-Timing</c>, the slow-request log and its metric name it. An application may name parts of its own beside these.</summary>
public static class RequestPart
{
    /// <summary>Database operations; recorded by whatever records <see cref="HeadroomMeters.DatabaseOperationDuration"/>.</summary>
    public const string Database = "db";

    /// <summary>Waiting for a cache's second tier, or for a value that another request was making already.</summary>
    public const string Cache = "cache";

    /// <summary>Calls to other services; recorded by <c>HttpClient</c> itself (<c>http.client.request.duration</c>).</summary>
    public const string Upstream = "upstream";

    /// <summary>Waiting for a turn: a concurrency limit, a pool.</summary>
    public const string Queue = "queue";

    /// <summary>Pauses of the whole process by the garbage collector while the request ran.</summary>
    public const string GarbageCollection = "gc";

    /// <summary>What is left: the handler's own work, and sending the answer.</summary>
    public const string Handler = "handler";
}
