using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §4.3, RFC 9110 §13: conditions of clients, conditions of the cache, and what a 304 changes.</summary>
internal static class Validation
{
    private const string Fresh = "Cache-Control: max-age=3600";
    private const double Elapsed = 2.5;

    public static BehaviourGroup EntityTags => new BehaviourGroup("Validation: If-None-Match of a client", "RFC 9111 §4.3.2").Given("max-age")
        .ForEach(
            [
                ("strong", "\"a\"", "\"a\""), ("weak", "W/\"a\"", "W/\"a\""), ("weak-for-strong", "\"a\"", "W/\"a\""), ("strong-for-weak", "W/\"a\"", "\"a\""),
                ("list-first", "\"a\"", "\"a\", \"b\", \"c\""), ("list-middle", "\"a\"", "\"b\", \"a\", \"c\""), ("list-last", "\"a\"", "\"b\", \"c\", \"a\""),
                ("comma-in-tag", "\"a,b\"", "\"x\", \"a,b\""), ("star", "\"a\"", "*"),
            ],
            static (group, id, stored, asked) => group.Optimal($"if-none-match-{id}", $"A fresh answer with ETag {stored} answers If-None-Match: {asked} by 304.",
                Get().Answer(Fresh, $"ETag: {stored}"), Get($"If-None-Match: {asked}").IsStored().HasStatus(304)))
        .Required("304-has-etag", "A 304 from the cache has the stored ETag.",
            Get().Answer(Fresh, "ETag: \"a\""), Get("If-None-Match: \"a\"").HasStatus(304).Has("ETag: \"a\""))
        .Required("304-has-cache-control", "A 304 from the cache has the Cache-Control, Expires and Vary that a 200 would have.",
            Get().Answer(Fresh, "ETag: \"a\"", "Vary: Foo", "Expires: {start+3600}"),
            Get("If-None-Match: \"a\"").HasStatus(304).Has("Cache-Control: max-age=3600", "Vary: ~Foo", "Expires: {start+3600}"))
        .Required("304-has-date", "A 304 from the cache has the stored Date, and a Content-Location.",
            Get().Answer(Fresh, "ETag: \"a\"", "Content-Location: {base}", "Date: {start+0}"),
            Get("If-None-Match: \"a\"").HasStatus(304).Has("Date: {start+0}", "Content-Location: {base}"))
        .Required("if-none-match-other", "An If-None-Match that does not match gets the whole answer.",
            Get().Answer(Fresh, "ETag: \"a\""), Get("If-None-Match: \"b\"").Answer(Fresh, "ETag: \"a\"").HasStatus(200))
        .Required("if-none-match-precedence-match", "If-None-Match that matches is preferred to If-Modified-Since that does not.",
            Get().Answer(Fresh, "ETag: \"a\"", "Last-Modified: {start-5000}"),
            Get("If-None-Match: \"a\"", "If-Modified-Since: {start-9000}").Confirm("ETag: \"a\"").HasStatus(304))
        .Required("if-none-match-precedence-mismatch", "If-None-Match that does not match is preferred to If-Modified-Since that does.",
            Get().Answer(Fresh, "ETag: \"a\"", "Last-Modified: {start-5000}"), Get("If-None-Match: \"b\"", "If-Modified-Since: {start-1000}").HasStatus(200))
        .Required("if-none-match-part-of-tag", "A part of a tag is not the tag.",
            Get().Answer(Fresh, "ETag: \"abc\""), Get("If-None-Match: \"ab\"").HasStatus(200))
        .Required("if-match-not-evaluated", "If-Match is for the origin: a cache never answers it by 412.",
            Get().Answer(Fresh, "ETag: \"a\""), Get("If-Match: \"b\"").HasStatus(200))
        .Required("304-not-stored", "The origin's 304 to a client's own condition is not what the next client gets.",
            Get("If-None-Match: \"a\"").Status(304).Answer(Fresh, "ETag: \"a\"").HasStatus(304), Get().IsForwarded());

    public static BehaviourGroup Dates => new BehaviourGroup("Validation: If-Modified-Since of a client", "RFC 9111 §4.3.2").Given("max-age")
        .Optimal("if-modified-since-equal", "A fresh answer with the same Last-Modified answers by 304.",
            Get().Answer(Fresh, "Last-Modified: {start-3000}"), Get("If-Modified-Since: {start-3000}").IsStored().HasStatus(304))
        .Optimal("if-modified-since-later", "A fresh answer with an earlier Last-Modified answers by 304.",
            Get().Answer(Fresh, "Last-Modified: {start-3000}"), Get("If-Modified-Since: {start-2000}").IsStored().HasStatus(304))
        .Optimal("if-modified-since-no-last-modified", "A fresh answer without Last-Modified is held against its Date.",
            Get().Answer(Fresh), Get("If-Modified-Since: {now+60}").IsStored().HasStatus(304))
        .ForEach([("rfc850", "Wednesday, 01-Jan-20 00:00:00 GMT"), ("asctime", "Wed Jan  1 00:00:00 2020")], static (group, id, date) => group
            .Optimal($"if-modified-since-{id}", $"The obsolete '{date}' is a date too.",
                Get().Answer(Fresh, "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"), Get($"If-Modified-Since: {date}").IsStored().HasStatus(304)))
        .Required("if-modified-since-earlier", "A date before the stored Last-Modified gets the whole answer.",
            Get().Answer(Fresh, "Last-Modified: {start-3000}"), Get("If-Modified-Since: {start-9000}").HasStatus(200))
        .Required("if-modified-since-invalid", "An If-Modified-Since that is no date is ignored.",
            Get().Answer(Fresh, "Last-Modified: {start-3000}"), Get("If-Modified-Since: tomorrow").HasStatus(200))
        .Required("if-unmodified-since-not-evaluated", "If-Unmodified-Since is for the origin: a cache never answers it by 412.",
            Get().Answer(Fresh, "Last-Modified: {start-3000}"), Get("If-Unmodified-Since: {start-9000}").HasStatus(200))
        .Optimal("if-modified-since-stale", "A stale answer is validated first, then answers by 304.",
            Get().Answer("Cache-Control: max-age=1", "Last-Modified: {start-3000}"),
            Get("If-Modified-Since: {start-3000}").After(Elapsed).Confirm("Last-Modified: {start-3000}").IsValidated().HasStatus(304));

    public static BehaviourGroup Requests => new BehaviourGroup("Validation: conditions of the cache", "RFC 9111 §4.3.1").Given("max-age")
        .Optimal("validates-strong", "A stale answer is validated by its ETag.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get().After(Elapsed).Confirm("ETag: \"a\"").IsValidated().OriginSees("If-None-Match: \"a\""))
        .Optimal("validates-weak", "A stale answer is validated by its weak ETag.",
            Get().Answer("Cache-Control: max-age=1", "ETag: W/\"a\""), Get().After(Elapsed).Confirm("ETag: W/\"a\"").IsValidated().OriginSees("If-None-Match: W/\"a\""))
        .Optimal("validates-date", "A stale answer is validated by its Last-Modified.",
            Get().Answer("Cache-Control: max-age=1", "Last-Modified: {start-3000}"),
            Get().After(Elapsed).Confirm("Last-Modified: {start-3000}").IsValidated().OriginSees("If-Modified-Since: {start-3000}"))
        .Required("validates-with-vary", "A conditional request of the cache has the fields that Vary names.",
            Get("Abc: 1").Answer("Cache-Control: max-age=1", "ETag: \"a\"", "Vary: Abc"),
            Get("Abc: 1").After(Elapsed).Confirm("ETag: \"a\"").IsValidated().OriginSees("Abc: 1"))
        .Required("validation-new-answer", "A 200 to a conditional request replaces what was stored.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get().After(Elapsed).Answer(Fresh, "ETag: \"b\"").IsForwarded(), Get().IsStored().Has("ETag: \"b\"", "Exchange: 1"))
        .Required("validation-error", "A 404 to a conditional request goes to the client.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get().After(Elapsed).Status(404).IsForwarded())
        .Required("validation-client-never-304", "A client without a condition never gets the 304 of a validation.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get().After(Elapsed).Confirm("ETag: \"a\"").HasStatus(200))
        .Required("validation-other-tag", "A client whose own tag differs from the stored one gets the whole answer after validation.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get("If-None-Match: \"b\"").After(Elapsed).Answer("ETag: \"a\"").HasStatus(200))
        .Optimal("validation-age-restarts", "After validation the Age begins anew.",
            Get().Answer("Cache-Control: max-age=10", "Age: 60", "ETag: \"a\""), Get().Confirm("Cache-Control: max-age=10", "ETag: \"a\"", "Age: 0").IsValidated(),
            Get().IsStored().Has("Age: <5"));

    public static BehaviourGroup Updates => new BehaviourGroup("Validation: what a 304 changes", "RFC 9111 §3.2").Given("max-age")
        .Required("304-keeps", "A field that a 304 does not have is kept.",
            Get().Answer("Cache-Control: max-age=1", "Last-Modified: {start-3000}", "Test-Header: a"),
            Get().After(Elapsed).Confirm("Last-Modified: {start-3000}").IsValidated().Has("Test-Header: a"))
        .ForEach(
            [
                ("Test-Header", "a", "b"), ("X-Test-Header", "a", "b"), ("Content-Foo", "a", "b"), ("X-Content-Foo", "a", "b"), ("X-Frame-Options", "deny", "sameorigin"),
                ("Content-Security-Policy", "default-src 'self'", "default-src 'none'"), ("Content-Language", "en", "de"), ("Link", "</a>; rel=next", "</b>; rel=next"),
                ("Expires", "Mon, 11 Jan 2038 11:11:11 GMT", "Tue, 12 Jan 2038 11:11:11 GMT"),
            ],
            static (group, name, old, replaced) => group.Required($"304-updates-{name}", $"A 304 replaces {name}, in its answer and in the store.",
                Get().Answer("Cache-Control: max-age=1", "ETag: \"a\"", $"{name}: {old}"),
                Get().After(Elapsed).Confirm("Cache-Control: max-age=3600", "ETag: \"a\"", $"{name}: {replaced}").IsValidated().Has($"{name}: {replaced}"),
                Get().IsStored().Has($"{name}: {replaced}")))
        .Required("304-updates-Cache-Control", "A 304 with a new max-age makes the answer fresh again.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""),
            Get().After(Elapsed).Confirm("Cache-Control: max-age=3600", "ETag: \"a\"").IsValidated().Has("Cache-Control: max-age=3600"),
            Get().After(Elapsed).IsStored().Has("Cache-Control: max-age=3600"))
        .Required("304-keeps-Content-Length", "A 304 does not change Content-Length.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\"").Body("0123456789"),
            Get().After(Elapsed).Confirm("Cache-Control: max-age=3600", "ETag: \"a\"", "Content-Length: 5").IsValidated().Has("Content-Length: 10"),
            Get().IsStored().Has("Content-Length: 10"));

    public static BehaviourGroup Head => new BehaviourGroup("HEAD", "RFC 9111 §4.3.5").Given("max-age")
        .Optimal("head-from-get", "HEAD is answered from a stored GET.", Get().Answer(Fresh, "Test-Header: a"), Send("HEAD").IsStored().Has("Test-Header: a"))
        .Required("head-not-stored-as-get", "An answer to HEAD is not the body of a GET.",
            Send("HEAD").Answer(Fresh, "ETag: \"a\""), Get().Answer(Fresh).HasBody("head-not-stored-as-get, exchange 1"))
        .Optimal("head-updates", "A 200 to HEAD with the same validator makes a stale answer fresh again.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\"", "Content-Length: 4").Body("body"),
            Send("HEAD").After(Elapsed).Answer(Fresh, "ETag: \"a\"", "Content-Length: 4").WithoutMark(), Get().IsStored())
        .Optimal("head-invalidates", "A 200 to HEAD with another Content-Length makes the stored answer stale.",
            Get().Answer("Cache-Control: max-age=3600", "ETag: \"a\""), Send("HEAD", "Cache-Control: no-cache").Answer(Fresh, "ETag: \"b\"", "Content-Length: 99").WithoutMark(),
            Get().IsForwarded());
}
