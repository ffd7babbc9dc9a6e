using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §4.2.4 and RFC 5861: when an answer that is stale may be used.</summary>
internal static class Stale
{
    private const double Elapsed = 2.5;

    public static BehaviourGroup Forbidden => new BehaviourGroup("Stale: forbidden", "RFC 9111 §4.2.4").Given("max-age")
        .ForEach(["must-revalidate", "proxy-revalidate", "no-cache", "s-maxage=1"], static (group, directive) => group
            .Required($"stale-{directive.Split('=')[0]}", $"'{directive}' forbids a stale answer though the origin closes the connection.",
                Get().Answer($"Cache-Control: max-age=1, {directive}"), Get().After(Elapsed).Close().IsServerError()))
        .Required("stale-must-revalidate-over-error", "must-revalidate forbids a stale answer though stale-if-error would allow it.",
            Get().Answer("Cache-Control: max-age=1, must-revalidate, stale-if-error=60"), Get().After(Elapsed).Close().IsServerError())
        .Required("stale-must-revalidate-over-revalidate", "must-revalidate forbids a stale answer though stale-while-revalidate would allow it.",
            Get().Answer("Cache-Control: max-age=1, must-revalidate, stale-while-revalidate=60"), Get().After(Elapsed).IsForwarded())
        .Optimal("stale-must-revalidate-504", "Where validation is demanded and impossible the answer is 504.",
            Get().Answer("Cache-Control: max-age=1, must-revalidate", "ETag: \"a\""), Get().After(Elapsed).Close().IsServerError().HasStatus(504))
        .Given(null)
        .Required("origin-away", "Where nothing is stored and the origin closes, the client gets an error.", Get().Close().IsServerError());

    public static BehaviourGroup WhileRevalidate => new BehaviourGroup("Stale: stale-while-revalidate", "RFC 5861 §3")
        .Optimal("while-revalidate", "Within its window the stale answer is used.",
            Get().Answer("Cache-Control: max-age=1, stale-while-revalidate=3600", "ETag: \"a\""), Get().After(Elapsed).Answer("Cache-Control: max-age=3600").IsStoredThoughAsked())
        .Optimal("while-revalidate-asks", "And the origin is asked meanwhile, so that the next client gets the new answer.",
            Get().Answer("Cache-Control: max-age=1, stale-while-revalidate=3600", "ETag: \"a\""), Get().After(Elapsed).Answer("Cache-Control: max-age=3600", "ETag: \"b\"").IsStoredThoughAsked(),
            Get().After(0.7).IsStored().Has("ETag: \"b\"", "Exchange: 1"))
        .Optimal("while-revalidate-age", "A stale answer says its Age.",
            Get().Answer("Cache-Control: max-age=1, stale-while-revalidate=3600", "Age: 5"), Get().After(0.3).IsStoredThoughAsked().Has("Age: >=5"))
        .Given("while-revalidate")
        .Required("while-revalidate-over", "After its window it is not used.",
            Get().Answer("Cache-Control: max-age=1, stale-while-revalidate=1", "ETag: \"a\""), Get().After(4).Answer("ETag: \"b\"").IsForwarded())
        .Required("while-revalidate-over-with-age", "The Age that an answer came with counts towards the window.",
            Get().Answer("Cache-Control: max-age=10, stale-while-revalidate=10", "Age: 60"), Get().IsForwarded());

    public static BehaviourGroup IfError => new BehaviourGroup("Stale: stale-if-error", "RFC 5861 §4")
        .ForEach([500, 502, 503, 504], static (group, status) => group
            .Optimal($"if-error-{status}", $"Within its window the stale answer is used instead of a {status}.",
                Get().Answer("Cache-Control: max-age=1, stale-if-error=60"), Get().After(Elapsed).Status(status).IsStoredThoughAsked()))
        .Optimal("if-error-closed", "And instead of an origin that closes the connection.",
            Get().Answer("Cache-Control: max-age=1, stale-if-error=60"), Get().After(Elapsed).Close().IsStoredThoughAsked())
        .Given("if-error-503")
        .Required("if-error-over", "After its window it is not used.",
            Get().Answer("Cache-Control: max-age=1, stale-if-error=1"), Get().After(4).Status(503).IsForwarded())
        .Required("if-error-not-404", "A 404 is no error of the server.",
            Get().Answer("Cache-Control: max-age=1, stale-if-error=60"), Get().After(Elapsed).Status(404).IsForwarded())
        .Optimal("if-error-recovers", "When the origin is well again, so is the answer.",
            Get().Answer("Cache-Control: max-age=1, stale-if-error=60"), Get().After(Elapsed).Status(503), Get().After(2).Answer("Cache-Control: max-age=3600").IsForwarded());
}
