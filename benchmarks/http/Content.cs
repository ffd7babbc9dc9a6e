using System.Text.Json.Serialization;

namespace Headroom.Http.Benchmarks;

internal sealed record Message(int Id, int ChatId, string Sender, string Kind, string Text, DateTimeOffset SentAt, bool Read);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Message[]))]
internal sealed partial class ContentJson : JsonSerializerContext;

/// <summary>About 10 KB of JSON: a page of messages, from a fixed seed.</summary>
internal static class Content
{
    public static Message[] Make()
    {
        var random = new Random(1);
        string[] words = ["the", "order", "was", "sent", "yesterday", "please", "check", "account", "invoice", "thanks", "delivery", "tomorrow", "before", "noon", "regards", "support"];
        return [.. Enumerable.Range(1, 52).Select(id => new Message(
            id, random.Next(400), $"user{random.Next(5000)}", random.Next(5) == 0 ? "image" : "text",
            string.Join(' ', Enumerable.Range(0, random.Next(6, 18)).Select(_ => words[random.Next(words.Length)])),
            DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000 + random.Next(10_000_000)), random.Next(2) == 0))];
    }
}
