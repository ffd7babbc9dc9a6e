using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §3.1 and §4: which fields an answer from the store has.</summary>
internal static class StoredFields
{
    private const string Fresh = "Cache-Control: max-age=3600";

    public static BehaviourGroup Kept => new BehaviourGroup("Stored fields: kept", "RFC 9111 §3.1")
        .ForEach(
            [
                ("Test-Header", "a"), ("X-Test-Header", "a"), ("Content-Foo", "a"), ("X-Content-Foo", "a"), ("Content-Encoding", "own"), ("Content-Language", "de"),
                ("Content-Location", "/elsewhere"), ("Content-MD5", "rL0Y20zC+Fzt72VPzMSk2A=="), ("Content-Security-Policy", "default-src 'self' cdn.example"),
                ("Content-Type", "text/plain;charset=utf-8"), ("Clear-Site-Data", "\"cookies\""), ("ETag", "\"abcdef\""), ("Expires", "Mon, 11 Jan 2038 11:11:11 GMT"),
                ("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT"), ("Link", "</style.css>; rel=preload"), ("Public-Key-Pins", "max-age=1"),
                ("Strict-Transport-Security", "max-age=31536000"), ("X-Frame-Options", "deny"), ("X-XSS-Protection", "1; mode=block"), ("Access-Control-Allow-Origin", "*"),
                ("Digest", "sha-256=abc"), ("Content-Disposition", "attachment; filename=a.txt"), ("Retry-After", "120"),
            ],
            static (group, name, value) => group.Required($"field-{name}", $"{name} is kept.",
                Get().Answer(Fresh, $"{name}: {value}"), Get().IsStored().Has($"{name}: {value}")))
        .Required("field-Cache-Control", "Cache-Control is kept.", Get().Answer("Cache-Control: max-age=3600, community=\"a\""), Get().IsStored().Has("Cache-Control: max-age=3600, community=\"a\""))
        .Required("field-two-lines", "Two lines of a field are kept in their order.", Get().Answer(Fresh, "Foo: b", "Foo: a"), Get().IsStored().Has("Foo: b, a"))
        .Required("field-empty", "A field without a value is kept.", Get().Answer(Fresh, "Foo:"), Get().IsStored().Has("Foo"))
        .Required("field-Content-Length", "The length is that of the content.", Get().Answer(Fresh).Body("0123456789"), Get().IsStored().Has("Content-Length: 10"))
        .Optimal("field-reason", "Content that came in chunks is reused.", Get().Answer(Fresh).Body("0123456789").Chunked(), Get().IsStored().HasBody("0123456789"))
        .Required("set-cookie-never-dropped", "An answer with Set-Cookie is reused with it or not at all.",
            Get().Answer(Fresh, "Set-Cookie: a=b"), Get().Answer("Cache-Control: no-store", "Set-Cookie: a=b").Has("Set-Cookie: a=b"))
        .Optimal("set-cookie-reused", "An answer with Set-Cookie is reused where its freshness is explicit.", Get().Answer(Fresh, "Set-Cookie: a=b"), Get().IsStored());

    public static BehaviourGroup Removed => new BehaviourGroup("Stored fields: removed", "RFC 9111 §3.1")
        .Required("removed-listed-in-connection", "Fields that Connection names are not kept, others are.",
            Get().Answer(Fresh, "Connection: Foo, bar", "Foo: 1", "Bar: 2", "Baz: 3"), Get().IsStored().HasNo("Foo", "Bar").Has("Baz: 3"))
        .Required("removed-Connection", "Connection is not kept.", Get().Answer(Fresh, "Connection: Test-Option"), Get().IsStored().HasNo("Connection: Test-Option"))
        .ForEach(
            [
                ("Keep-Alive", "timeout=77"), ("Proxy-Connection", "test-option"), ("Proxy-Authenticate", "Basic realm=\"x\""), ("Proxy-Authentication-Info", "nextnonce=\"x\""),
                ("Proxy-Authorization", "Basic YTpi"), ("TE", "test-coding"), ("Upgrade", "test/1"),
            ],
            static (group, name, value) => group.Required($"removed-{name}", $"{name} is not kept.",
                Get().Answer(Fresh, $"{name}: {value}"), Get().IsStored().HasNo(name + ": " + value)));

    public static BehaviourGroup Made => new BehaviourGroup("Stored fields: Age and Date", "RFC 9111 §4, §5.1")
        .Required("age-made", "An answer from the store has an Age.", Get().Answer(Fresh), Get().After(2.6).IsStored().Has("Age: >=2"))
        .Required("age-made-expires", "Also where Expires made it fresh.", Get().Answer("Expires: {now+3600}"), Get().After(2.6).IsStored().Has("Age: >=2"))
        .Required("age-added-max-age", "The time in the store is added to the Age that the answer came with.", Get().Answer(Fresh, "Age: 30"), Get().After(2.6).IsStored().Has("Age: >=32"))
        .Required("age-added-expires", "Also where Expires made it fresh.", Get().Answer("Expires: {now+3600}", "Age: 30"), Get().After(2.6).IsStored().Has("Age: >=32"))
        .Required("age-one-line", "An answer has one Age.", Get().Answer(Fresh, "Age: 30", "Age: 31"), Get().IsStored().Has("Age: >=30"))
        .Required("age-never-without-store", "An answer of the origin that came with an Age has no smaller one.", Get().Answer(Fresh, "Age: 30").IsForwarded().Has("Age: >=30"))
        .Required("date-kept", "Date says when the origin made the answer, not when it was reused.",
            Get().Answer(Fresh, "Date: {start-5}"), Get().After(2.5).IsStored().Has("Date: {start-5}"))
        .Required("date-kept-expires", "Also where Expires made it fresh.",
            Get().Answer("Date: {start-5}", "Expires: {start+3600}"), Get().After(2.5).IsStored().Has("Date: {start-5}", "Expires: {start+3600}"))
        .Required("date-made", "An answer without Date gets one.", Get().Answer(Fresh).WithoutDate().Has("Date"), Get().IsStored().Has("Date"));
}
