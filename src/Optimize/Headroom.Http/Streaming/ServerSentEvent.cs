using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Headroom.Http;

/// <summary>
/// One event of a stream as the HTML standard defines it (§9.2, server-sent events). What a text cannot carry is refused when it is set, so that nothing
/// breaks in the middle of a stream.
/// </summary>
public sealed record ServerSentEvent
{
    /// <summary>An event with this data.</summary>
    /// <param name="data">See <see cref="Data"/>.</param>
    /// <param name="type">See <see cref="Event"/>.</param>
    /// <exception cref="ArgumentException">The type has a line break.</exception>
    public ServerSentEvent(string data, string? type = null)
    {
        Data = data;
        Event = type;
    }

    /// <summary>
    /// The content; may be empty and may have several lines. The format has one kind of line break: CR LF and CR reach the reader as LF. JSON has no line
    /// breaks of its own and arrives as it is.
    /// </summary>
    public string Data
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    }

    /// <summary>The type that a reader listens for; null (the default) and empty are <c>message</c>. Without CR and LF. <c>start</c>, <c>missed</c> and <c>error</c> are also sent by the stream itself.</summary>
    /// <exception cref="ArgumentException">It has a line break.</exception>
    public string? Event
    {
        get;
        init
        {
            if (value is not null && value.AsSpan().ContainsAny('\r', '\n'))
                throw new ArgumentException("The type of an event has a line break, which ends it; write a name such as 'token'.", nameof(value));
            field = value;
        }
    }

    /// <summary>
    /// The id that a reader gives back as <c>Last-Event-ID</c> when it connects again. Null, the default: the stream numbers its events itself and resumes by these numbers. Set one where
    /// your own store can go on after it, an offset for example; the request tells it by <see cref="StreamingExtensions.LastEventId"/>. Without CR, LF and NUL.
    /// </summary>
    /// <exception cref="ArgumentException">It has a character with which readers end or ignore an id.</exception>
    public string? Id
    {
        get;
        init
        {
            if (value is not null && value.AsSpan().ContainsAny('\r', '\n', '\0'))
                throw new ArgumentException("The id of an event has a CR, LF or NUL; readers end or ignore such an id. Write it without, or encoded.", nameof(value));
            field = value;
        }
    }

    /// <summary>How long a reader waits from now on before it connects again; null, the default, changes nothing. Whole milliseconds, from 0 to a day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of bounds.</exception>
    public TimeSpan? Retry
    {
        get;
        init
        {
            if (value is { } wait && (wait < TimeSpan.Zero || wait > TimeSpan.FromDays(1)))
                throw new ArgumentOutOfRangeException(nameof(value), wait, "The wait before a reader connects again is 0 to 24 hours.");
            field = value;
        }
    }

    /// <summary>An event whose data is a value as JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="json">How it is written; from a <c>JsonSerializerContext</c>, or <c>options.GetTypeInfo</c>.</param>
    /// <param name="type">See <see cref="Event"/>.</param>
    /// <exception cref="ArgumentException">The type has a line break.</exception>
    public static ServerSentEvent Json<T>(T value, JsonTypeInfo<T> json, string? type = null) => new(JsonSerializer.Serialize(value, json), type);
}
