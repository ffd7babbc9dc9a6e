using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §3, §3.5, §5.2.2: what a shared cache may keep, and use without asking.</summary>
internal static class Storing
{
    public static BehaviourGroup Directives => new BehaviourGroup("Storing: Cache-Control of the answer", "RFC 9111 §5.2.2").Given("max-age")
        .ForEach(
            [
                ("private", "private, max-age=3600"), ("private-any-case", "PrivatE, max-age=3600"), ("private-with-s-maxage", "private, s-maxage=3600"),
                ("private-beside-extension", "community=\"UCI\", max-age=3600, private"), ("no-store", "no-store"), ("no-store-any-case", "No-StOrE, max-age=3600"),
                ("no-store-with-max-age", "max-age=3600, no-store"), ("no-store-with-s-maxage", "public, s-maxage=3600, no-store"),
                ("no-cache", "max-age=3600, no-cache"), ("no-cache-any-case", "max-age=3600, No-CaChE"), ("no-cache-with-s-maxage", "no-cache, s-maxage=3600"),
            ],
            static (group, id, directive) => group.Required($"answer-{id}", $"An answer with '{directive}' is not reused without asking.",
                Get().Answer($"Cache-Control: {directive}", "Expires: {now+3600}"), Get().IsForwarded()))
        .Required("no-store-second-line", "A no-store on the second line of Cache-Control counts.",
            Get().Answer("Cache-Control: max-age=3600", "Cache-Control: no-store"), Get().IsForwarded())
        .Required("private-second-line", "A private on the second line of Cache-Control counts.",
            Get().Answer("Cache-Control: max-age=3600", "Cache-Control: private"), Get().IsForwarded())
        .Optimal("no-cache-validates", "An answer with no-cache is kept and validated at each use.",
            Get().Answer("Cache-Control: no-cache", "ETag: \"a\""), Get().Confirm("ETag: \"a\"").IsValidated())
        .Optimal("no-cache-with-max-age-validates", "An answer with no-cache and max-age is kept and validated at each use.",
            Get().Answer("Cache-Control: max-age=3600, no-cache", "ETag: \"a\""), Get().Confirm("ETag: \"a\"").IsValidated())
        .Required("no-cache-field", "A field named by no-cache=\"…\" is not sent from the store without validation.",
            Get().Answer("Cache-Control: no-cache=\"Secret\", max-age=3600", "Secret: 1", "Open: 1"), Get().Answer("Cache-Control: no-store").HasNo("Secret"))
        .Required("no-cache-fields", "The same for a list of fields.",
            Get().Answer("Cache-Control: no-cache=\"secret, Hidden\", max-age=3600", "Secret: 1", "Hidden: 2"), Get().Answer("Cache-Control: no-store").HasNo("Secret", "Hidden"))
        .Required("private-field", "A field named by private=\"…\" is not kept in a shared cache.",
            Get().Answer("Cache-Control: private=\"Secret\", max-age=3600", "Secret: 1"), Get().Answer("Cache-Control: no-store").HasNo("Secret"))
        .Optimal("must-revalidate-fresh", "A fresh answer with must-revalidate is reused.",
            Get().Answer("Cache-Control: max-age=3600, must-revalidate", "ETag: \"a\""), Get().IsStored())
        .Optimal("proxy-revalidate-fresh", "A fresh answer with proxy-revalidate is reused.",
            Get().Answer("Cache-Control: max-age=3600, proxy-revalidate", "ETag: \"a\""), Get().IsStored())
        .Optimal("immutable-fresh", "A fresh answer with immutable is reused (RFC 8246).",
            Get().Answer("Cache-Control: max-age=3600, immutable", "ETag: \"a\""), Get().IsStored())
        .Required("immutable-stale", "An immutable answer that is stale is not reused without asking (RFC 8246 §2).",
            Get().Answer("Cache-Control: max-age=1, immutable", "ETag: \"a\""), Get().After(2.5).Answer("Cache-Control: no-store").IsForwarded())
        .Required("must-revalidate-stale", "A stale answer with must-revalidate is validated before it is used.",
            Get().Answer("Cache-Control: max-age=1, must-revalidate", "ETag: \"a\""), Get().After(2.5).Answer("Cache-Control: no-store").IsForwarded())
        .Optimal("must-understand-known", "A known status with must-understand is kept in spite of no-store.",
            Get().Answer("Cache-Control: max-age=3600, no-store, must-understand"), Get().IsStored())
        .Required("must-understand-unknown", "An unknown status with must-understand is not kept.",
            Get().Status(599).Answer("Cache-Control: max-age=3600, no-store, must-understand"), Get().IsForwarded())
        .Required("must-understand-alone-unknown", "An unknown status with must-understand is not kept, though nothing says no-store.",
            Get().Status(599).Answer("Cache-Control: max-age=3600, must-understand"), Get().IsForwarded())
        .Required("no-store-replaces-nothing-later", "What came with no-store is never what a later client gets.",
            Get().Answer("Cache-Control: no-store"), Get().Answer("Cache-Control: max-age=3600"), Get().After(0.3).HasNo("Exchange: 0"));

    public static BehaviourGroup Authorization => new BehaviourGroup("Storing: answers to authorised requests", "RFC 9111 §3.5").Given("max-age")
        .Required("authorization", "An answer to a request with Authorization is not reused for one without, though it is fresh.",
            Get("Authorization: Basic YTpi").Answer("Cache-Control: max-age=3600").OriginSees("Authorization: Basic YTpi"), Get().IsForwarded())
        .Required("authorization-same", "Nor for one with the same Authorization.",
            Get("Authorization: Basic YTpi").Answer("Cache-Control: max-age=3600"), Get("Authorization: Basic YTpi").IsForwarded())
        .Required("authorization-other", "Nor for one with another Authorization.",
            Get("Authorization: Basic YTpi").Answer("Cache-Control: max-age=3600"), Get("Authorization: Basic Yzpk").IsForwarded())
        .Required("authorization-expires", "Nor because of an Expires in the future.",
            Get("Authorization: Basic YTpi").Answer("Expires: {now+3600}"), Get().IsForwarded())
        .ForEach(["public, max-age=3600", "must-revalidate, max-age=3600", "s-maxage=3600"], static (group, permission) => group
            .Optimal($"authorization-{permission.Split(',', '=')[0]}", $"With '{permission}' it is reused.",
                Get("Authorization: Basic YTpi").Answer($"Cache-Control: {permission}"), Get().IsStored()));

    public static BehaviourGroup StatusCodes => new BehaviourGroup("Storing: status codes", "RFC 9111 §3")
        .ForEach([200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 451, 499, 500, 502, 503, 504, 599], static (group, status) => group
            .Given(null)
            .Optimal($"status-{status}-fresh", $"A {status} is reused within its max-age.",
                Get().Status(status).Answer("Cache-Control: max-age=3600", "Expires: {now+3600}"), Get().IsStored())
            .Given($"status-{status}-fresh")
            .Required($"status-{status}-stale", $"A {status} is not reused after it expired.",
                Get().Status(status).Answer("Expires: {now-3600}", "Last-Modified: {start-86400}"), Get().Status(status).IsForwarded()));

    public static BehaviourGroup Keys => new BehaviourGroup("Storing: what is the same request", "RFC 9111 §2").Given("max-age")
        .Required("query-different", "Another query is another resource.",
            Get().To("?a=1").Answer("Cache-Control: max-age=3600"), Get().To("?a=2").IsForwarded())
        .Required("query-missing", "A path without the query is another resource.",
            Get().To("?a=1").Answer("Cache-Control: max-age=3600"), Get().IsForwarded())
        .Required("path-case", "The path has case.", Get().To("/a").Answer("Cache-Control: max-age=3600"), Get().To("/A").IsForwarded())
        .Required("host-different", "Another host is another resource.",
            Get().At("one.example").Answer("Cache-Control: max-age=3600"), Get().At("two.example").IsForwarded())
        .Required("method-options", "A stored answer to GET does not answer OPTIONS.", Get().Answer("Cache-Control: max-age=3600"), Send("OPTIONS").IsForwarded())
        .Required("method-post", "A stored answer to GET does not answer POST: it is written through.",
            Get().Answer("Cache-Control: max-age=3600"), Send("POST").With("a=1").IsForwarded().OriginSees("Content-Length: 3"))
        .Required("method-post-stored", "An answer to POST without Content-Location is not stored for GET.",
            Send("POST").With("a=1").Answer("Cache-Control: max-age=3600"), Get().IsForwarded())
        .Optimal("method-post-content-location", "An answer to POST with explicit freshness and its own URL as Content-Location is reused for GET.",
            Send("POST").With("a=1").Answer("Cache-Control: max-age=3600", "Content-Location: {base}"), Get().IsStored())
        .Required("query-empty", "A query that is empty is sent on as it is.", Get().To("?").OriginSeesTarget("?"))
        .Optimal("query-same", "The same query is the same resource.", Get().To("?a=1").Answer("Cache-Control: max-age=3600"), Get().To("?a=1").IsStored())
        .Optimal("cookie", "A cookie in the request does not stop reuse.", Get().Answer("Cache-Control: max-age=3600"), Get("Cookie: a=b").IsStored())
        .Optimal("unrelated-header", "A header that Vary does not name does not stop reuse.",
            Get("Accept: text/html").Answer("Cache-Control: max-age=3600"), Get("Accept: */*").IsStored());
}
