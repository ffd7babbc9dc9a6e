using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §4.4: what an unsafe request makes of stored answers.</summary>
internal static class Invalidation
{
    private const string Fresh = "Cache-Control: max-age=3600";

    private static readonly string[] Unsafe = ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"];

    public static BehaviourGroup OfTarget => new BehaviourGroup("Invalidation: the target", "RFC 9111 §4.4").Given("max-age")
        .ForEach(Unsafe, static (group, method) => group
            .Required($"invalidate-{method}", $"After a {method} that succeeded the stored answer is not reused.",
                Get().Answer(Fresh), Send(method).With("a=1").IsForwarded(), Get().IsForwarded())
            .Optimal($"invalidate-{method}-failed", $"After a {method} that failed it is.",
                Get().Answer(Fresh), Send(method).With("a=1").Status(500).IsForwarded(), Get().IsStored()))
        .Required("invalidate-redirect", "A redirect as answer to POST is success too.",
            Get().Answer(Fresh), Send("POST").With("a=1").Status(303).Answer("Location: {base}/other").IsForwarded(), Get().IsForwarded())
        .Required("invalidate-no-content", "A 204 as answer to PUT is success too.",
            Get().Answer(Fresh), Send("PUT").With("a=1").Status(204).IsForwarded(), Get().IsForwarded())
        .Required("invalidate-variants", "All variants of the target are invalidated.",
            Get("Foo: 1").Answer(Fresh, "Vary: Foo"), Get("Foo: 2").Answer(Fresh, "Vary: Foo"), Send("POST").With("a=1").IsForwarded(),
            Get("Foo: 1").Answer(Fresh, "Vary: Foo").IsForwarded(), Get("Foo: 2").Answer(Fresh, "Vary: Foo").IsForwarded())
        .Optimal("invalidate-not-other-query", "Another query is another resource and stays.",
            Get().To("?a=1").Answer(Fresh), Send("POST").To("?a=2").With("a=1").IsForwarded(), Get().To("?a=1").IsStored())
        .ForEach(["OPTIONS", "HEAD"], static (group, method) => group.Optimal($"invalidate-not-{method}", $"{method} is safe and invalidates nothing.",
            Get().Answer(Fresh), Send(method).WithoutMark(), Get().IsStored()));

    public static BehaviourGroup OfOthers => new BehaviourGroup("Invalidation: Location and Content-Location", "RFC 9111 §4.4").Given("max-age")
        .ForEach(["POST", "PUT", "DELETE"], static (group, method) => group
            .Optimal($"invalidate-{method}-location", $"A {method} invalidates what its Location names.",
                Get().To("/other").Answer(Fresh), Send(method).With("a=1").Answer("Location: {base}/other"), Get().To("/other").IsForwarded())
            .Optimal($"invalidate-{method}-content-location", $"A {method} invalidates what its Content-Location names.",
                Get().To("/other").Answer(Fresh), Send(method).With("a=1").Answer("Content-Location: {base}/other"), Get().To("/other").IsForwarded()))
        .Optimal("invalidate-absolute-location", "A Location as absolute URL of the same origin counts.",
            Get().To("/other").Answer(Fresh), Send("POST").With("a=1").Answer("Location: http://{host}{base}/other"), Get().To("/other").IsForwarded())
        .ForEach(["Location", "Content-Location"], static (group, header) => group
            .Required($"invalidate-not-other-origin-{header}", $"A {header} of another origin invalidates nothing.",
                Get().At("one.example").To("/other").Answer(Fresh).IsForwarded(),
                Send("POST").At("two.example").With("a=1").Answer($"{header}: http://one.example{{base}}/other"),
                Get().At("one.example").To("/other").Answer("Cache-Control: no-store").IsStored()));
}
