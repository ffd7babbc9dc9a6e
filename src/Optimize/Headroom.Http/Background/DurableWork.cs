namespace Headroom.Http;

/// <summary>An item that a worker has leased.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Payload">What was enqueued, as JSON in UTF-8.</param>
/// <param name="Attempt">Which attempt this is, from 1 on; attempts whose process died count.</param>
/// <param name="Lease">What the holder of the lease shows to complete, repeat or park it.</param>
public sealed record DurableWork(string Id, ReadOnlyMemory<byte> Payload, int Attempt, string Lease);

/// <summary>An item that failed as often as it may and is kept for a person.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Payload">What was enqueued, as JSON in UTF-8.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">The type and message of the last exception; null when its process died each time.</param>
public sealed record ParkedWork(string Id, ReadOnlyMemory<byte> Payload, int Attempts, string? Error);

/// <summary>How many items a queue has.</summary>
/// <param name="Pending">That wait or run.</param>
/// <param name="Parked">That are kept for a person.</param>
public sealed record DurableWorkCounts(long Pending, long Parked);
