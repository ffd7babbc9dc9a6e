namespace ReferenceApi.Messaging;

/// <summary>What can happen in messaging.</summary>
internal static class EventType
{
    public const string MessageSent = "message.sent";

    /// <summary>Every type, the most frequent first.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "message.received", MessageSent, "message.read", "chat.opened", "chat.closed", "instance.connected", "instance.disconnected",
    ];
}
