namespace Headroom.Http.Tests.Streaming;

/// <summary>Events with everything that the grammar could swallow, and what a reader must dispatch for each. The ids of those before stay.</summary>
internal static class EventTable
{
    public static IReadOnlyList<(string Case, ServerSentEvent Event, ReadEvent Expected)> Rows { get; } =
    [
        ("plain", new("hello"), new("message", "hello", "")),
        ("typed", new("hello", "token"), new("token", "hello", "")),
        ("empty type", new("hello", ""), new("message", "hello", "")),
        ("empty data", new(""), new("message", "", "")),
        ("one space", new(" "), new("message", " ", "")),
        ("leading spaces", new("  two"), new("message", "  two", "")),
        ("leading tab", new("\ttab"), new("message", "\ttab", "")),
        ("colon first", new(": not a comment"), new("message", ": not a comment", "")),
        ("looks like a field", new("event: other\ndata: more\nid: 7\nretry: 1"), new("message", "event: other\ndata: more\nid: 7\nretry: 1", "")),
        ("LF", new("a\nb"), new("message", "a\nb", "")),
        ("CR LF", new("a\r\nb"), new("message", "a\nb", "")),
        ("CR", new("a\rb"), new("message", "a\nb", "")),
        ("CR at the end", new("a\r"), new("message", "a\n", "")),
        ("LF at the end", new("a\n"), new("message", "a\n", "")),
        ("LF alone", new("\n"), new("message", "\n", "")),
        ("empty lines inside", new("a\n\n\nb"), new("message", "a\n\n\nb", "")),
        ("LF CR", new("a\n\rb"), new("message", "a\n\nb", "")),
        ("BOM first", new("\uFEFFbom"), new("message", "\uFEFFbom", "")),
        ("NUL in data", new("a\0b"), new("message", "a\0b", "")),
        ("line separators that are none", new("a\u2028b\u0085c\vd\fe"), new("message", "a\u2028b\u0085c\vd\fe", "")),
        ("beyond the first plane", new("𝄞 ü 漢"), new("message", "𝄞 ü 漢", "")),
        ("half a character", new("a\uD834b"), new("message", "a\uFFFDb", "")),
        ("type with colon and space", new("x", "a: b"), new("a: b", "x", "")),
        ("type with leading space", new("x", " a"), new(" a", "x", "")),
        ("id", new("x") { Id = "1" }, new("message", "x", "1")),
        ("id stays", new("y") { Event = "kept" }, new("kept", "y", "1")),
        ("id with spaces and colon", new("x") { Id = "  a: b " }, new("message", "x", "  a: b ")),
        ("id beyond ASCII", new("x") { Id = "ä漢" }, new("message", "x", "ä漢")),
        ("empty id takes it away", new("x") { Id = "" }, new("message", "x", "")),
        ("JSON", new("""{"text":"a\nb"}""", "json") { Id = "9" }, new("json", """{"text":"a\nb"}""", "9")),
        ("long", new(new string('x', 200_000)), new("message", new string('x', 200_000), "9")),
    ];
}
