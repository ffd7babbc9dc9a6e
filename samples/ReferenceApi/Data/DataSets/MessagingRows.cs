using System.Globalization;
using ReferenceApi.Messaging;

namespace ReferenceApi.Data.DataSets;

/// <summary>
/// Chats, their messages and what happened around them over 90 days. Chat 1 is the busiest; the others follow by Zipf's law in the order of their ids.
/// </summary>
internal static class MessagingRows
{
    private const int Days = 90;

    private static readonly string[] Channels = ["whatsapp", "telegram", "sms", "webchat"];

    private static readonly string[] InboundTemplates =
    [
        "Hi, is the order {number} on its way?", "Good morning! I'd like to change my booking to {day}.", "Thanks {name}, that worked 👍",
        "Could you send the invoice for {number} again? I can't find it.", "The app shows an error when I try to pay. Screenshot follows.",
        "Hello?", "Ok", "Perfect, see you on {day}.", "Do you deliver to {city}?", "I was charged twice for {number}. Please check.",
        "Is there parking near the office in {city}?", "What are your opening hours on {day}?", "My phone number has changed, can you update it?",
        "¿Tienen disponibilidad para el fin de semana?", "Obrigada! Vou confirmar amanhã.", "We are four people now instead of three, is that a problem?",
        "I still have not received anything since {day} and nobody answers the phone. Please tell me what is going on with {number}, I have been waiting for more than a week now.",
        "Great service as always, thank you {name} 😊", "Can I pick it up in {city} instead?", "Please cancel {number}.",
    ];

    private static readonly string[] OutboundTemplates =
    [
        "Hi {name}, your order {number} left our warehouse in {city} this morning.", "You're welcome!", "Your appointment on {day} is confirmed.",
        "I have sent the invoice for {number} to your e-mail address.", "Could you tell me which version of the app you use?",
        "We are open from 9 to 18 h, on {day} until 20 h.", "The refund for {number} is on its way; it takes three to five days.",
        "Yes, we deliver to {city} on {day}.", "Thanks for letting us know, {name}. I have updated your number.", "One moment please, I'm checking.",
        "Sorry for the delay! The parcel {number} was held back at customs. It was released today and should be with you by {day}. Here is the new tracking number: {number}.",
        "Reminder: your table for four is booked for {day}.", "Is there anything else I can do for you?", "Done ✅", "Tu pedido {number} ya está en camino.",
        "Your code is {number}. It is valid for ten minutes.",
    ];

    private static readonly string[] DayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    private static readonly string[] Cities = ["Lisbon", "Berlin", "São Paulo", "Milan", "Accra", "Osaka", "Kraków", "Monterrey", "Lyon", "Pune", "Bergen", "Izmir"];
    private static readonly string[] Topics = ["order", "booking", "invoice", "delivery", "support", "returns", "feedback", "membership"];

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        var history = MessageHistory.Draw(specification);
        WriteChats(specification, history, writer);
        WriteMessages(specification, history, writer);
        WriteEvents(specification, writer);
    }

    private static void WriteChats(DataSetSpecification specification, MessageHistory history, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "chats");
        writer.BeginTable("chats", "id", "title", "channel", "contact", "status", "created_at", "last_message_id", "last_message_at");
        for (var chat = 0; chat < specification.Rows.Chats; chat++)
        {
            writer.Write(chat + 1L);
            writer.Write($"{UserRows.Name(random)} · {random.Pick(Topics)}");
            writer.Write(Channels[Math.Min(random.Next(Channels.Length), random.Next(Channels.Length))]);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"+{random.Between(30, 99)}{random.Between(100_000_000, 999_999_999)}"));
            writer.Write(random.Chance(0.7) ? "open" : "closed");
            writer.Write(history.SentAt[history.FirstOf[chat]]);
            writer.Write(history.LastOf[chat] + 1L);
            writer.Write(history.SentAt[history.LastOf[chat]]);
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static void WriteMessages(DataSetSpecification specification, MessageHistory history, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "messages");
        var count = specification.Rows.Messages;
        writer.BeginTable("messages", "id", "chat_id", "direction", "sender", "kind", "body", "sent_at", "read_at");
        for (var index = 0; index < count; index++)
        {
            var inbound = random.Chance(0.55);
            var kind = Kind(random.NextDouble());
            var unread = random.Chance(index > count * 0.98 ? 0.6 : 0.03);
            var readAfterMs = 1_000L * random.Between(2, 3_600);

            writer.Write(index + 1L);
            writer.Write(history.ChatOf[index] + 1L);
            writer.Write(inbound ? "inbound" : "outbound");
            writer.Write(inbound ? UserRows.FirstName(random) : "Support");
            writer.Write(kind);
            writer.Write(kind is "audio" ? "" : Body(random.Pick(inbound ? InboundTemplates : OutboundTemplates), random));
            writer.Write(history.SentAt[index]);
            if (inbound && unread)
                writer.WriteNull();
            else
                writer.Write(Math.Min(history.SentAt[index] + readAfterMs, DataSetSpecification.TakenAt.ToUnixTimeMilliseconds() - 1));

            writer.EndRow();
        }

        writer.EndTable();
    }

    private static void WriteEvents(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "events");
        var types = new ZipfDistribution(EventType.All.Count);
        var chats = new ZipfDistribution(specification.Rows.Chats);
        var timeline = new Timeline(Days);
        writer.BeginTable("events", "id", "type", "chat_id", "actor", "detail", "occurred_at");
        for (var index = 0; index < specification.Rows.Events; index++)
        {
            var type = EventType.All[types.Sample(random)];
            var chat = chats.Sample(random) + 1L;
            var ofInstance = type.StartsWith("instance.", StringComparison.Ordinal);

            writer.Write(index + 1L);
            writer.Write(type);
            if (ofInstance)
                writer.WriteNull();
            else
                writer.Write(chat);

            writer.Write(ofInstance ? string.Create(CultureInfo.InvariantCulture, $"gateway-{random.Between(1, 4)}") : UserRows.FirstName(random));
            writer.Write(ofInstance
                ? string.Create(CultureInfo.InvariantCulture, $"session {random.Between(1, 9)} of 9, {random.Between(5, 900)} ms")
                : string.Create(CultureInfo.InvariantCulture, $"{random.Pick(Channels)}, chat {chat}"));
            writer.Write(timeline.At(index, specification.Rows.Events, random));
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static string Kind(double share) => share switch
    {
        < 0.89 => "text",
        < 0.96 => "image",
        < 0.985 => "document",
        _ => "audio",
    };

    private static string Body(string template, SeededRandom random) => template
        .Replace("{name}", UserRows.FirstName(random), StringComparison.Ordinal)
        .Replace("{day}", random.Pick(DayNames), StringComparison.Ordinal)
        .Replace("{city}", random.Pick(Cities), StringComparison.Ordinal)
        .Replace("{number}", random.Between(10_000, 999_999).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>
    /// Which message belongs to which chat and when it was sent, drawn before anything is written: a chat's row tells its last message.
    /// </summary>
    private sealed record MessageHistory(int[] ChatOf, long[] SentAt, int[] FirstOf, int[] LastOf)
    {
        public static MessageHistory Draw(DataSetSpecification specification)
        {
            var (chats, messages) = (specification.Rows.Chats, specification.Rows.Messages);
            var random = new SeededRandom(specification.Seed, "message-history");
            var popularity = new ZipfDistribution(chats);
            var timeline = new Timeline(Days);
            var history = new MessageHistory(new int[messages], new long[messages], new int[chats], new int[chats]);

            // Chats open one after the other over the first half of the history; every other message goes to one that is open.
            var stride = Math.Max(1, messages / (2 * chats));
            var open = 0;
            for (var index = 0; index < messages; index++)
            {
                var opens = index % stride == 0 && open < chats;
                if (opens)
                    history.FirstOf[open++] = index;

                var chat = opens ? open - 1 : popularity.Sample(random) % open;
                history.ChatOf[index] = chat;
                history.LastOf[chat] = index;
                history.SentAt[index] = timeline.At(index, messages, random);
            }

            return history;
        }
    }
}
