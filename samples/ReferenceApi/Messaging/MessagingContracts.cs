namespace ReferenceApi.Messaging;

/// <summary>A chat in the list, with its last message.</summary>
internal sealed record Chat(
    long Id,
    string Title,
    string Channel,
    string Contact,
    string Status,
    DateTimeOffset CreatedAt,
    long UnreadMessages,
    MessagePreview LastMessage);

/// <summary>As much of a message as a list of chats shows.</summary>
internal sealed record MessagePreview(long Id, string Direction, string Kind, string Text, DateTimeOffset SentAt);

internal sealed record Message
{
    public long Id { get; init; }

    public long ChatId { get; init; }

    /// <summary><c>inbound</c> from the contact or <c>outbound</c> to them.</summary>
    public string Direction { get; init; } = "";

    public string Sender { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Text { get; init; } = "";

    public DateTimeOffset SentAt { get; init; }

    /// <summary>Null while unread.</summary>
    public DateTimeOffset? ReadAt { get; init; }
}

internal sealed record MessagingEvent
{
    public long Id { get; init; }

    public string Type { get; init; } = "";

    /// <summary>Null for events of the instance.</summary>
    public long? ChatId { get; init; }

    public string Actor { get; init; } = "";

    public string Detail { get; init; } = "";

    public DateTimeOffset OccurredAt { get; init; }
}

internal sealed record Health(string Status, string Database, double DatabaseLatencyMs, double UptimeSeconds, DateTimeOffset CheckedAt);

internal sealed record InstanceInfo(string Name, string Version, string Database, string DataSet, DateTimeOffset DataTakenAt, InstanceCounts Counts);

/// <summary>Rows of the main tables.</summary>
internal sealed record InstanceCounts
{
    public long Users { get; init; }

    public long Chats { get; init; }

    public long Messages { get; init; }

    public long Events { get; init; }

    public long HealthPoints { get; init; }

    public long Items { get; init; }
}

/// <summary>A message that a client asks to send.</summary>
internal sealed record NewMessage(long ChatId, string Sender, string Kind, string Text);
