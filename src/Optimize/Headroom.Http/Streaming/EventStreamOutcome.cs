namespace Headroom.Http.Streaming;

/// <summary>How a client's connection to a stream ended.</summary>
internal enum EventStreamOutcome
{
    /// <summary>The producer came to its end, and the client got all of it.</summary>
    Completed,

    /// <summary>The client closed its connection, or lost it.</summary>
    Client,

    /// <summary>The client did not read in time and was dropped.</summary>
    Slow,

    /// <summary>The stream took longer than it may.</summary>
    Deadline,

    /// <summary>The producer threw.</summary>
    Error,

    /// <summary>The application stops.</summary>
    Shutdown,
}
