using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §5.2.1: what a client asks of caches.</summary>
internal static class RequestDirectives
{
    private const string Fresh = "Cache-Control: max-age=3600";

    public static BehaviourGroup All => new BehaviourGroup("Requests: Cache-Control", "RFC 9111 §5.2.1").Given("max-age")
        .Optimal("request-max-age-zero", "max-age=0 is not answered from the store without asking.", Get().Answer(Fresh), Get("Cache-Control: max-age=0").IsForwarded())
        .Optimal("request-max-age", "max-age=1 is not answered by an older answer.", Get().Answer(Fresh), Get("Cache-Control: max-age=1").After(2.5).IsForwarded())
        .Optimal("request-max-age-with-age", "max-age counts the Age that an answer came with.",
            Get().Answer(Fresh, "Age: 1800"), Get("Cache-Control: max-age=600").IsForwarded())
        .Optimal("request-max-age-fulfilled", "max-age above the answer's age is answered from the store.", Get().Answer(Fresh), Get("Cache-Control: max-age=600").IsStored())
        .Optimal("request-max-stale", "max-stale allows an answer that has become stale.",
            Get().Answer("Cache-Control: max-age=1"), Get("Cache-Control: max-stale=1000").After(2.5).IsStored())
        .Optimal("request-max-stale-with-age", "max-stale counts the Age that an answer came with.",
            Get().Answer("Cache-Control: max-age=1500", "Age: 2000"), Get("Cache-Control: max-stale=1000").IsStored())
        .Required("request-max-stale-exceeded", "max-stale does not allow an answer that is stale for longer.",
            Get().Answer("Cache-Control: max-age=1500", "Age: 2000"), Get("Cache-Control: max-stale=100").IsForwarded())
        .Required("request-max-stale-must-revalidate", "max-stale does not overrule must-revalidate.",
            Get().Answer("Cache-Control: max-age=1, must-revalidate"), Get("Cache-Control: max-stale=1000").After(2.5).IsForwarded())
        .Optimal("request-min-fresh", "min-fresh is not answered by an answer that is fresh for less.",
            Get().Answer("Cache-Control: max-age=1500"), Get("Cache-Control: min-fresh=2000").IsForwarded())
        .Optimal("request-min-fresh-with-age", "min-fresh counts the Age that an answer came with.",
            Get().Answer("Cache-Control: max-age=1500", "Age: 1000"), Get("Cache-Control: min-fresh=1000").IsForwarded())
        .Optimal("request-no-cache", "no-cache is not answered from the store without asking.", Get().Answer(Fresh), Get("Cache-Control: no-cache").IsForwarded())
        .Optimal("request-no-cache-validates-date", "no-cache validates by Last-Modified.",
            Get().Answer(Fresh, "Last-Modified: {start-3000}"), Get("Cache-Control: no-cache").Confirm("Last-Modified: {start-3000}").IsValidated())
        .Optimal("request-no-cache-validates-tag", "no-cache validates by ETag.",
            Get().Answer(Fresh, "ETag: \"a\""), Get("Cache-Control: no-cache").Confirm("ETag: \"a\"").IsValidated())
        .Required("request-no-store", "The answer to a request with no-store is not kept.", Get("Cache-Control: no-store").Answer(Fresh), Get().IsForwarded())
        .Optimal("request-only-if-cached", "only-if-cached is answered by 504 where nothing is stored.",
            Get("Cache-Control: only-if-cached").IsServerError().HasStatus(504))
        .Optimal("request-only-if-cached-stored", "only-if-cached is answered from the store.", Get().Answer(Fresh), Get("Cache-Control: only-if-cached").IsStored())
        .Optimal("request-unknown", "An unknown directive changes nothing.", Get().Answer(Fresh), Get("Cache-Control: community").IsStored());
}
