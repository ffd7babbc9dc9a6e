using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §3.3 and §3.4, RFC 9110 §14: parts of an answer, and answers that came in part only.</summary>
internal static class PartialContent
{
    private const string Fresh = "Cache-Control: max-age=3600";

    private static Exchange Whole => Get().Answer(Fresh, "ETag: \"a\"", "Test-Header: a").Body("0123456789A");

    private static Exchange LastFive => Get("Range: bytes=-5").Status(206).Answer(Fresh, "ETag: \"a\"", "Content-Range: bytes 5-9/10").Body("56789");

    public static BehaviourGroup FromComplete => new BehaviourGroup("Partial content: from a whole answer", "RFC 9110 §14").Given("max-age")
        .ForEach([("bytes=0-1", "01", "bytes 0-1/11"), ("bytes=1-", "123456789A", "bytes 1-10/11"), ("bytes=-1", "A", "bytes 10-10/11"), ("bytes=9-99", "9A", "bytes 9-10/11"),
            ("bytes=-99", "0123456789A", "bytes 0-10/11")],
            static (group, range, body, contentRange) => group.Optimal($"range-{range.Split('=')[1]}", $"Range: {range} is served from a stored whole answer.",
                Whole, Get($"Range: {range}").IsStored().HasStatus(206).HasBody(body).Has($"Content-Range: {contentRange}")))
        .Optimal("range-unsatisfiable", "A range beyond the end is answered by 416 with the length.",
            Whole, Get("Range: bytes=50-60").Status(416).HasAnyBody().HasStatus(416).Has("Content-Range: bytes */11"))
        .Optimal("if-range-match", "A range with If-Range that matches the stored ETag is served.",
            Whole, Get("Range: bytes=0-1", "If-Range: \"a\"").IsStored().HasStatus(206).HasBody("01"))
        .Optimal("range-two", "Two ranges are served as two parts.",
            Whole, Get("Range: bytes=0-1, 4-5").IsStored().HasStatus(206).HasAnyBody().Has("Content-Type: ~multipart/byteranges"))
        .Required("range-keeps-fields", "An answer in part has the fields of the stored answer.",
            Whole, Get("Range: bytes=0-1").IsStored().HasStatus(206).HasBody("01").Has("Test-Header: a", "ETag: \"a\""))
        .Required("range-length", "Content-Length of an answer in part is the part's.", Whole, Get("Range: bytes=0-1").IsStored().HasStatus(206).HasBody("01").Has("Content-Length: 2"))
        .Required("if-range-mismatch", "A range with If-Range that does not match gets the whole answer.",
            Whole, Get("Range: bytes=0-1", "If-Range: \"b\"").Answer(Fresh, "ETag: \"a\"").Body("0123456789A").HasStatus(200).HasBody("0123456789A"))
        .Required("if-range-weak", "A weak tag never matches in If-Range.",
            Get().Answer(Fresh, "ETag: W/\"a\"").Body("0123456789A"),
            Get("Range: bytes=0-1", "If-Range: W/\"a\"").Answer(Fresh, "ETag: W/\"a\"").Body("0123456789A").HasStatus(200).HasBody("0123456789A"))
        .Required("range-unknown-unit", "A range in an unknown unit is ignored.",
            Whole, Get("Range: lines=0-1").Answer(Fresh).Body("0123456789A").HasStatus(200).HasBody("0123456789A"))
        .Required("range-malformed", "A range that is none is ignored.",
            Whole, Get("Range: bytes=b-a").Answer(Fresh).Body("0123456789A").HasStatus(200).HasBody("0123456789A"))
        .Required("range-not-for-post", "Range is for GET only.",
            Whole, Send("POST", "Range: bytes=0-1").With("a").Answer(Fresh).Body("0123456789A").HasStatus(200).HasBody("0123456789A"));

    public static BehaviourGroup FromParts => new BehaviourGroup("Partial content: from parts", "RFC 9111 §3.3, §3.4").Given("max-age")
        .Required("part-is-not-whole", "An answer in part is not reused as the whole.", LastFive, Get().Answer(Fresh).Body("0123456789").HasStatus(200).HasBody("0123456789"))
        .Required("part-is-not-other-part", "An answer in part does not answer another range.",
            LastFive, Get("Range: bytes=0-1").Status(206).Answer(Fresh, "ETag: \"a\"", "Content-Range: bytes 0-1/10").Body("01").HasStatus(206).HasBody("01"))
        .Required("part-unchanged", "An answer in part reaches the client who asked for it as the origin made it.",
            LastFive.HasStatus(206).HasBody("56789").Has("Content-Range: bytes 5-9/10"))
        .Optimal("part-reused", "An answer in part is reused for the same range.", LastFive, Get("Range: bytes=-5").IsStored().HasStatus(206).HasBody("56789"))
        .ForEach([("bytes=6-8", "678"), ("bytes=6-", "6789"), ("bytes=-1", "9")], static (group, range, body) => group
            .Optimal($"part-of-part-{range.Split('=')[1]}", $"Range: {range} is served from a stored larger part.",
                LastFive, Get($"Range: {range}").IsStored().HasStatus(206).HasBody(body)))
        .Optimal("part-completed", "An answer in part is completed: only the rest is asked for.",
            Get("Range: bytes=0-4").Status(206).Answer(Fresh, "ETag: \"a\"", "Content-Range: bytes 0-4/10").Body("01234"),
            Get().Status(206).Answer(Fresh, "ETag: \"a\"", "Content-Range: bytes 5-9/10").Body("56789").HasStatus(200).HasBody("0123456789").OriginSees("Range: bytes=5-"))
        .Required("truncated-not-stored", "An answer that ended before its Content-Length is not reused as the whole.",
            Get().Answer(Fresh).Body("0123456789").Truncate(4), Get().Answer(Fresh).Body("0123456789").IsForwarded().HasBody("0123456789"))
        .Required("truncated-chunks-not-stored", "An answer whose chunks ended without the last one is not reused as the whole.",
            Get().Answer(Fresh).Body("0123456789").Chunked().Truncate(4), Get().Answer(Fresh).Body("0123456789").IsForwarded().HasBody("0123456789"));
}
