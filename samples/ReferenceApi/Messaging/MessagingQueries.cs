using ReferenceApi.Data;
using ReferenceApi.Paging;

namespace ReferenceApi.Messaging;

internal sealed class MessagingQueries(Database database, TimeProvider time)
{
    public const string ChatOrder = "-lastMessageAt";
    public const string MessageOrder = "-id";
    public const string EventOrder = "-occurredAt";

    public async Task<Page<Chat>> ListChatsAsync(int limit, Cursor? after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var rows = await session.QueryAsync<ChatRow>(
            "list-chats",
            $"""
            SELECT c.id, c.title, c.channel, c.contact, c.status, c.created_at, c.last_message_at,
                   m.id AS message_id, m.direction, m.kind, m.body
            FROM chats c JOIN messages m ON m.id = c.last_message_id
            {(after is null ? "" : "WHERE (c.last_message_at, c.id) < (@key, @id)")}
            ORDER BY c.last_message_at DESC, c.id DESC
            LIMIT @rows
            """,
            new { key = after?.NumericKey, id = after?.Id, rows = limit + 1 });
        var page = Page<ChatRow>.From(rows, limit, row => Cursor.Of(ChatOrder, row.LastMessageAt.ToUnixTimeMilliseconds(), row.Id));
        if (page.Items.Count == 0)
            return new Page<Chat>([], Next: null);

        var counts = await session.QueryAsync<UnreadCount>(
            "count-unread",
            $"SELECT chat_id, count(*) AS unread FROM messages WHERE read_at IS NULL AND {database.IsAnyOf("chat_id", "@ids")} GROUP BY chat_id",
            new { ids = page.Items.Select(row => row.Id).ToArray() });
        var unread = counts.ToDictionary(count => count.ChatId, count => count.Unread);
        return new Page<Chat>([.. page.Items.Select(row => row.ToChat(unread.GetValueOrDefault(row.Id)))], page.Next);
    }

    /// <summary>Newest first; null when there is no such chat.</summary>
    public async Task<Page<Message>?> ListMessagesAsync(long chatId, int limit, Cursor? after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        if (await session.QueryFirstOrDefaultAsync<long?>("find-chat", "SELECT id FROM chats WHERE id = @chatId", new { chatId }) is null)
            return null;

        var rows = await session.QueryAsync<Message>(
            "list-messages",
            $"""
            SELECT id, chat_id, direction, sender, kind, body AS text, sent_at, read_at
            FROM messages
            WHERE chat_id = @chatId {(after is null ? "" : "AND id < @id")}
            ORDER BY id DESC
            LIMIT @rows
            """,
            new { chatId, id = after?.Id, rows = limit + 1 });
        return Page<Message>.From(rows, limit, row => Cursor.Of(MessageOrder, row.Id, row.Id));
    }

    /// <summary>Stores an outbound message, and with it the chat's last message and an event; null when there is no such chat.</summary>
    public async Task<Message?> SendAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var session = await database.BeginAsync(cancellationToken);
        if (await session.QueryFirstOrDefaultAsync<string>("find-chat", "SELECT channel FROM chats WHERE id = @chatId", new { chatId = message.ChatId }) is not { } channel)
            return null;

        var id = await session.QuerySingleAsync<long>(
            "insert-message",
            """
            INSERT INTO messages (chat_id, direction, sender, kind, body, sent_at, read_at)
            VALUES (@ChatId, 'outbound', @Sender, @Kind, @Text, @now, @now)
            RETURNING id
            """,
            new { message.ChatId, message.Sender, message.Kind, message.Text, now });
        await session.ExecuteAsync(
            "update-chat",
            "UPDATE chats SET last_message_id = @id, last_message_at = @now WHERE id = @ChatId",
            new { id, now, message.ChatId });
        await session.ExecuteAsync(
            "insert-event",
            "INSERT INTO events (type, chat_id, actor, detail, occurred_at) VALUES (@type, @ChatId, @Sender, @detail, @now)",
            new { type = EventType.MessageSent, message.ChatId, message.Sender, detail = FormattableString.Invariant($"{channel}, chat {message.ChatId}"), now });
        await session.CommitAsync();

        var sentAt = DateTimeOffset.FromUnixTimeMilliseconds(now);
        return new Message
        {
            Id = id,
            ChatId = message.ChatId,
            Direction = "outbound",
            Sender = message.Sender,
            Kind = message.Kind,
            Text = message.Text,
            SentAt = sentAt,
            ReadAt = sentAt,
        };
    }

    public async Task<Page<MessagingEvent>> ListEventsAsync(
        string? type, DateTimeOffset? since, DateTimeOffset? until, int limit, Cursor? after, CancellationToken cancellationToken)
    {
        var filter = new SqlFilter()
            .When(type is not null, "type = @type")
            .When(since is not null, "occurred_at >= @since")
            .When(until is not null, "occurred_at < @until")
            .When(after is not null, "(occurred_at, id) < (@key, @id)");
        await using var session = await database.OpenAsync(cancellationToken);
        var rows = await session.QueryAsync<MessagingEvent>(
            "list-events",
            $"SELECT id, type, chat_id, actor, detail, occurred_at FROM events {filter} ORDER BY occurred_at DESC, id DESC LIMIT @rows",
            new
            {
                type,
                since = since?.ToUnixTimeMilliseconds(),
                until = until?.ToUnixTimeMilliseconds(),
                key = after?.NumericKey,
                id = after?.Id,
                rows = limit + 1,
            });
        return Page<MessagingEvent>.From(rows, limit, row => Cursor.Of(EventOrder, row.OccurredAt.ToUnixTimeMilliseconds(), row.Id));
    }

    /// <summary>Settings by section and name.</summary>
    public async Task<Dictionary<string, Dictionary<string, string>>> ReadSettingsAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var rows = await session.QueryAsync<SettingRow>("list-settings", "SELECT section, name, value FROM settings ORDER BY section, name");
        return rows
            .GroupBy(row => row.Section, StringComparer.Ordinal)
            .ToDictionary(
                section => section.Key,
                section => section.ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal),
                StringComparer.Ordinal);
    }

    public async Task<InstanceCounts> CountAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        return await session.QuerySingleAsync<InstanceCounts>(
            "count-rows",
            """
            SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM chats) AS chats, (SELECT count(*) FROM messages) AS messages,
                   (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM health_points) AS health_points, (SELECT count(*) FROM items) AS items
            """);
    }

    /// <summary>How long the database takes to answer at all.</summary>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        await using var session = await database.OpenAsync(cancellationToken);
        await session.QuerySingleAsync<long>("ping", "SELECT 1");
        return time.GetElapsedTime(startedAt);
    }

    private sealed record ChatRow
    {
        public long Id { get; init; }

        public string Title { get; init; } = "";

        public string Channel { get; init; } = "";

        public string Contact { get; init; } = "";

        public string Status { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset LastMessageAt { get; init; }

        public long MessageId { get; init; }

        public string Direction { get; init; } = "";

        public string Kind { get; init; } = "";

        public string Body { get; init; } = "";

        public Chat ToChat(long unread) => new(
            Id, Title, Channel, Contact, Status, CreatedAt, unread, new MessagePreview(MessageId, Direction, Kind, Body, LastMessageAt));
    }

    private sealed record UnreadCount
    {
        public long ChatId { get; init; }

        public long Unread { get; init; }
    }

    private sealed record SettingRow
    {
        public string Section { get; init; } = "";

        public string Name { get; init; } = "";

        public string Value { get; init; } = "";
    }
}
