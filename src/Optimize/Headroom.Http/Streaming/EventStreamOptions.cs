using Headroom.Http.Configuration;

namespace Headroom.Http;

/// <summary>
/// How event streams behave. Bound from the configuration section <c>Headroom:Streaming</c>; code given to <see cref="StreamingExtensions.AddHeadroomStreaming"/> runs after it, and what an
/// endpoint says itself after that. Wrong values stop the application at start-up, all of them in one message.
/// </summary>
public sealed class EventStreamOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:Streaming";

    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>A connection on which nothing was sent for so long gets a comment, so that no proxy takes it for dead. Default 15 s, from 10 ms to 24 h.</summary>
    public TimeSpan HeartBeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a stream may take from its start; then its clients get an <c>error</c> event with a problem of status 504, and the producer is cancelled. Default 10 minutes, from 10 ms to 24 h; null: no end,
    /// for streams that go on as long as somebody watches. The framework's request timeout does not apply to streams.
    /// </summary>
    public TimeSpan? Deadline { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one write may wait for a client that does not read; then its connection is cut. Default 10 s, from 10 ms to 24 h.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the producer goes on when its last client has gone, and how long a finished stream is kept, so that a client which lost its connection can come back with <c>Last-Event-ID</c> and miss
    /// nothing. Default 5 s, from 0 to 24 h; 0: the producer is cancelled as soon as nobody is there, and whoever comes back begins anew.
    /// </summary>
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a client is told to wait before it connects again. Default 1 s, from 0 to 24 h; keep it below <see cref="ResumeWindow"/>. Null: nothing, browsers wait 3 to 5 s.</summary>
    public TimeSpan? Retry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Events of a stream that are kept for clients that come back or read slowly. Default 1,024, from 1 to 1,048,576.</summary>
    public int BufferEvents { get; set; } = 1024;

    /// <summary>Bytes of a stream that are kept for the same. Default 1,048,576, from 1,024 to 1,073,741,824; a single event may be longer.</summary>
    public int BufferBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long the producer waits for a client that is a whole buffer behind, before the client's connection is cut. From 0 (at once) to 24 h. Null, the default: 10 s where the stream is one
    /// client's own, 0 where it has a key and one slow client would hold up the others.
    /// </summary>
    public TimeSpan? BacklogWait { get; set; }

    /// <summary>Connections that one endpoint may have open at a time; one more is answered with 503. Default 10,000, from 1 to 10,000,000.</summary>
    public int MaxClients { get; set; } = 10_000;

    /// <summary>How long streams may go on when the application stops; then they are ended so that clients connect again, to another node. Default 2 s, from 0 to 24 h; keep it below the host's shutdown timeout.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>True, the default: a client gets a <c>start</c> event before the producer has made one. False: only the header and a comment, for endpoints whose own first event comes at once.</summary>
    public bool SendStart { get; set; } = true;

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    internal EventStreamOptions Copy() => (EventStreamOptions)MemberwiseClone();

    IEnumerable<string> ISectionOptions.Errors()
    {
        foreach (var (name, value, from) in new (string, TimeSpan?, TimeSpan)[]
        {
            (nameof(HeartBeat), HeartBeat, Shortest),
            (nameof(Deadline), Deadline, Shortest),
            (nameof(WriteTimeout), WriteTimeout, Shortest),
            (nameof(ResumeWindow), ResumeWindow, TimeSpan.Zero),
            (nameof(Retry), Retry, TimeSpan.Zero),
            (nameof(BacklogWait), BacklogWait, TimeSpan.Zero),
            (nameof(ShutdownGrace), ShutdownGrace, TimeSpan.Zero),
        })
        {
            if (value is { } time && (time < from || time > Day))
                yield return FormattableString.Invariant($"{SectionName}:{name} is {time}; allowed are {from} to {Day}.");
        }

        foreach (var (name, value, from, to) in new[]
        {
            (nameof(BufferEvents), BufferEvents, 1, 1024 * 1024),
            (nameof(BufferBytes), BufferBytes, 1024, 1024 * 1024 * 1024),
            (nameof(MaxClients), MaxClients, 1, 10_000_000),
        })
        {
            if (value < from || value > to)
                yield return FormattableString.Invariant($"{SectionName}:{name} is {value}; allowed are {from} to {to}.");
        }
    }
}
