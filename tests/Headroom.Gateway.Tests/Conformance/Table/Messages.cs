using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9110 §7.6 and §15.2, RFC 9112: what an intermediary does to messages, cached or not.</summary>
internal static class Messages
{
    private const string Fresh = "Cache-Control: max-age=3600";

    public static BehaviourGroup Requests => new BehaviourGroup("Messages: requests", "RFC 9110 §7.6")
        .Required("via", "A request to the origin names the intermediary in Via.", Get().OriginSees("Via: ~1.1 "))
        .Required("via-appended", "A Via that the client sent stays before it.", Get("Via: 1.0 fred").OriginSees("Via: ~1.0 fred, 1.1 "))
        .Required("request-listed-in-connection", "Fields that Connection names are not forwarded, others are.",
            Get("Connection: Foo, keep-alive", "Foo: 1", "Bar: 2").OriginSeesNo("Foo", "Connection: Foo").OriginSees("Bar: 2"))
        .ForEach([("Keep-Alive", "timeout=77"), ("Proxy-Connection", "keep-alive"), ("TE", "test-coding"), ("Proxy-Authorization", "Basic YTpi")], static (group, name, value) => group
            .Required($"request-{name}", $"{name} is for one connection and is not forwarded.",
                Get("Connection: TE", $"{name}: {value}").OriginSeesNo($"{name}: {value}")))
        .Required("request-unknown-field", "An unknown field is forwarded.", Get("Test-Header: a b").OriginSees("Test-Header: a b"))
        .Required("request-cookie", "Cookies are forwarded.", Get("Cookie: a=b; c=d").OriginSees("Cookie: a=b; c=d"))
        .Required("request-body", "A body is forwarded as it is.", Send("PUT").With("a\tb=\"c\"").IsForwarded().OriginSees("Content-Length: 7"))
        .ForEach([("/a%2Fb", "an encoded slash"), ("/a%2fb", "an encoded slash in small letters"), ("/a%20b", "an encoded space"), ("/~a;b=1,2", "punctuation"),
            ("/a//b", "two slashes"), ("?a=1&a=2&b=%26+c", "an encoded query"), ("?a=b?c/d", "a question mark in the query"), ("/%C3%A4", "encoded UTF-8"), ("?%41=%7e", "needless encoding")],
            static (group, target, what) => group.Required($"target-{what.Replace(' ', '-')}", $"A target with {what} is forwarded byte for byte.",
                Get().To(target).OriginSeesTarget(target)))
        .Required("options-max-forwards-zero", "OPTIONS with Max-Forwards: 0 is answered here (§7.6.2).", Send("OPTIONS", "Max-Forwards: 0").WithoutMark().HasNo("Exchange").Close().HasStatus(200).HasAnyBody())
        .Required("options-max-forwards", "OPTIONS with Max-Forwards is forwarded with one less (§7.6.2).", Send("OPTIONS", "Max-Forwards: 5").OriginSees("Max-Forwards: 4"));

    public static BehaviourGroup Responses => new BehaviourGroup("Messages: answers", "RFC 9110 §7.6")
        .Required("response-listed-in-connection", "Fields that Connection names are not forwarded to the client.",
            Get().Answer("Connection: Foo", "Foo: 1", "Bar: 2").IsForwarded().HasNo("Foo").Has("Bar: 2"))
        .Required("response-keep-alive", "Keep-Alive is for one connection and is not forwarded.", Get().Answer("Keep-Alive: timeout=77").HasNo("Keep-Alive: timeout=77"))
        .Required("response-unknown-status", "An unknown status is forwarded.", Get().Status(599).IsForwarded().HasStatus(599))
        .Required("response-chunks", "Content in chunks arrives whole.", Get().Body("0123456789").Chunked().IsForwarded().HasBody("0123456789"))
        .Required("no-transform", "With no-transform the content is not encoded on the way.",
            Get("Accept-Encoding: gzip, br").Answer("Cache-Control: no-transform, max-age=3600", "Content-Type: text/plain").Body(new string('a', 4000)).IsForwarded().HasNo("Content-Encoding"),
            Get("Accept-Encoding: gzip, br").IsStored().HasNo("Content-Encoding"))
        .Required("identity-forbidden-nowhere", "Without Accept-Encoding the content comes as the origin made it.",
            Get("Accept-Encoding: gzip").Answer(Fresh, "Content-Type: text/plain", "Vary: Accept-Encoding").Body(new string('a', 4000)).HasAnyBody(),
            Get().Answer(Fresh, "Content-Type: text/plain", "Vary: Accept-Encoding").Body(new string('a', 4000)).HasBody(new string('a', 4000)).HasNo("Content-Encoding"));

    public static BehaviourGroup InterimAnswers => new BehaviourGroup("Messages: interim answers and trailers", "RFC 9110 §15.2, §6.5")
        .Optimal("interim-102", "A 102 is passed on and the final answer is stored.", Get().Interim("102 Processing").Answer(Fresh).HasInterim(102), Get().IsStored())
        .Required("interim-103", "A 103 is passed on before the final answer.", Get().Interim("103 Early Hints|Link: </style.css>; rel=preload").IsForwarded().HasInterim(103))
        .Required("interim-not-stored", "A 103 is not part of what is stored.",
            Get().Interim("103 Early Hints|Link: </style.css>; rel=preload").Answer(Fresh), Get().IsStored().HasInterim().HasNo("Link"))
        .Required("interim-fields-not-merged", "Fields of a 103 are not fields of the final answer.",
            Get().Interim("103 Early Hints|Test-Header: a").Answer(Fresh).IsForwarded().HasNo("Test-Header"), Get().IsStored().HasNo("Test-Header"))
        .Required("trailers-not-merged", "Fields of the trailer section are not fields of the head.",
            Get().Answer(Fresh).Chunked("Test-Trailer: a").HasNo("Test-Trailer"), Get().HasNo("Test-Trailer"))
        .Optimal("trailers-passed", "Trailers are passed on to a client that takes them.",
            Get("TE: trailers", "Connection: TE").Answer("Cache-Control: no-store").Chunked("Test-Trailer: a").IsForwarded().HasTrailers("Test-Trailer: a"));
}
