using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9211: how the cache says what it did.</summary>
internal static class CacheStatusTable
{
    private const string Fresh = "Cache-Control: max-age=3600";

    public static BehaviourGroup All => new BehaviourGroup("Cache-Status", "RFC 9211 §2")
        .Optimal("status-hit", "An answer from the store says hit.", Get().Answer(Fresh), Get().IsStored().Has("Cache-Status: ~; hit"))
        .Optimal("status-miss", "One that was not stored says why the request was forwarded.", Get().Answer(Fresh).Has("Cache-Status: ~fwd=uri-miss").HasNo("Cache-Status: hit"))
        .Optimal("status-stored", "And that it was stored.", Get().Answer(Fresh).Has("Cache-Status: ~; stored"))
        .Optimal("status-not-stored", "Or was not.", Get().Answer("Cache-Control: no-store").Has("Cache-Status: ~fwd=").HasNo("Cache-Status: stored"))
        .Optimal("status-stale", "A stale answer was forwarded as stale.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get().After(2.5).Confirm("ETag: \"a\"").IsValidated().Has("Cache-Status: ~fwd=stale"))
        .Optimal("status-fwd-status", "And says the status of the validation.",
            Get().Answer("Cache-Control: max-age=1", "ETag: \"a\""), Get().After(2.5).Confirm("ETag: \"a\"").IsValidated().Has("Cache-Status: ~fwd-status=304"))
        .Optimal("status-vary-miss", "Another variant was forwarded as such.",
            Get("Foo: 1").Answer(Fresh, "Vary: Foo"), Get("Foo: 2").Answer(Fresh, "Vary: Foo").IsForwarded().Has("Cache-Status: ~fwd=vary-miss"))
        .Optimal("status-method", "A method that is not cached was forwarded for that.", Send("POST").With("a").IsForwarded().Has("Cache-Status: ~fwd=method"))
        .Optimal("status-request", "A request with no-cache was forwarded for that.", Get().Answer(Fresh), Get("Cache-Control: no-cache").IsForwarded().Has("Cache-Status: ~fwd=request"))
        .Optimal("status-appended", "What the origin's own cache said stays before it.",
            Get().Answer(Fresh, "Cache-Status: OriginCache; hit"), Get().IsStored().Has("Cache-Status: ~OriginCache; hit, "));
}
