using Headroom.Gateway.Tests.Conformance;
using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>
/// What an attacker would like to find in the cache, as exchanges: the first is the attacker's, or another user's, the last the victim's. After each group
/// stands the guard without which it fails.
/// </summary>
internal static class PoisoningTable
{
    private const string Fresh = "Cache-Control: max-age=3600";
    private const string Poison = "poison";

    public static IReadOnlyList<Behaviour> All { get; } =
    [
        .. new BehaviourGroup[] { UnkeyedFields, Bodies, Targets, Delimiters, OtherUsers, Errors }.SelectMany(group => group.Behaviours),
    ];

    private static BehaviourGroup UnkeyedFields => new BehaviourGroup("Unkeyed fields", "")
        // Guard: the forwarder writes these fields itself and drops what an untrusted client sent.
        .ForEach(["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Forwarded"], static (group, header) => group
            .Required($"client-{header}", $"The origin does not see a {header} of a client that is not trusted.",
                Get($"{header}: evil.example").Answer(Fresh).IsForwarded().OriginSeesNo($"{header}: evil.example")))
        // Guard: an answer to a request with a field by which frameworks change method, target or host is not stored.
        .ForEach(
            [
                "X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE", "X-Method-Override: POST", "X-Original-URL: /admin", "X-Rewrite-URL: /admin", "X-Forwarded-Prefix: /evil",
                "X-Forwarded-Scheme: http", "X-Forwarded-Server: evil.example", "X-Forwarded-Port: 1", "X-Host: evil.example", "X-Original-Host: evil.example",
            ],
            static (group, header) => group.Required($"override-{header.Split(':')[0]}", $"An answer to a request with '{header}' is not the next client's.",
                Get(header).Answer(Fresh).Body(Poison), Get().IsForwarded()));

    private static BehaviourGroup Bodies => new BehaviourGroup("Fat GET", "")
        // Guard: a GET or HEAD with content neither stores nor is answered from the store.
        .Required("fat-get-not-stored", "An answer to a GET with a body is not the next client's.",
            Get().With("q=poison").Answer(Fresh).Body(Poison).IsForwarded(), Get().IsForwarded())
        .Required("fat-get-not-served", "A GET with a body is not answered from the store.",
            Get().Answer(Fresh), Get().With("q=other").IsForwarded().OriginSees("Content-Length: 7"));

    private static BehaviourGroup Targets => new BehaviourGroup("Targets that only look alike", "")
        // Guard: the key is the target's bytes as they are sent to the origin.
        .ForEach(
            [
                ("/a%2Fb", "/a/b"), ("/a/b", "/a%2Fb"), ("/x/../y", "/y"), ("/y", "/x/../y"), ("/x/%2e%2e/y", "/y"), ("/./y", "/y"), ("//y", "/y"), ("/y/", "/y"), ("/a;x=1", "/a"),
                ("/p%3Fa=1", "/p?a=1"), ("/p?a=1", "/p%3Fa=1"), ("?a=1;b=2", "?a=1&b=2"), ("?a=%26b", "?a=&b"), ("?a%3D1", "?a=1"), ("?q=A", "?q=a"), ("?a=1&a=2", "?a=2&a=1"),
                ("/%61", "/%2561"), ("/a\\b", "/a/b"), ("/a%5Cb", "/a/b"), ("/a%00", "/a"), ("?a=1%00", "?a=1"), ("/a%0D%0A", "/a"), ("?a=1&utm_source=x", "?a=1"), ("?_method=DELETE", ""),
            ],
            static (group, stored, asked) => group.Required($"target-{stored}-{asked}".Replace('/', '_').Replace('?', '.').Replace('%', '_').Replace('\\', '!'),
                $"What was stored for '{stored}' does not answer '{asked}'.", Get().To(stored).Answer(Fresh).Body(Poison), Get().To(asked).IsForwardedOrRefused()));

    private static BehaviourGroup Delimiters => new BehaviourGroup("Collisions by delimiter", "")
        // Guard: parts of a key are escaped or have their length before them.
        .ForEach(["|", ";", ",", ":", "&", "=", "\t", " ", "\"", "\\", "%7C", "\x7f", "\u00ff", "\r\n ", "::", "||", "\u001f", "\u0000"], static (group, delimiter) => group
            .Required($"vary-delimiter-{string.Join('-', delimiter.Select(c => (int)c))}", $"Values that only a delimiter keeps apart are two variants ({(int)delimiter[0]}).",
                Get($"Bar: a{delimiter}b", "Foo: c").Answer(Fresh, "Vary: Bar, Foo").Body(Poison), Get("Bar: a", $"Foo: b{delimiter}c").IsForwardedOrRefused()));

    private static BehaviourGroup OtherUsers => new BehaviourGroup("Other users' answers", "")
        // Guard: Set-Cookie is not stored unless a policy says so.
        .Required("set-cookie-of-another", "A client never gets the cookie that was set for another.",
            Get().Answer(Fresh, "Set-Cookie: session=1"), Get().Answer(Fresh, "Set-Cookie: session=2").HasNo("Set-Cookie: session=1"))
        // Guard: no heuristic freshness where a cookie or Authorization may have made the answer.
        .Required("cookie-heuristic", "An answer to a request with a cookie is not fresh by its Last-Modified.",
            Get("Cookie: session=1").Answer("Last-Modified: {start-86400}").Body("account 1"), Get("Cookie: session=2").IsForwarded())
        // Guard: RFC 9111 §3.5.
        .Required("authorization-private", "An answer to an authorised request is nobody else's.",
            Get("Authorization: Bearer one").Answer(Fresh).Body("account 1"), Get("Authorization: Bearer two").IsForwarded(), Get().IsForwarded())
        // Guard: Vary is part of the key, and variants are compared whole.
        .Required("vary-authorization", "Answers that vary by Authorization are kept apart though they are public.",
            Get("Authorization: Bearer one").Answer("Cache-Control: public, max-age=3600", "Vary: Authorization").Body("account 1"), Get("Authorization: Bearer two").IsForwarded(),
            Get().IsForwarded())
        .Required("vary-cookie-prefix", "A cookie that begins like another is another.",
            Get("Cookie: user=1").Answer(Fresh, "Vary: Cookie").Body("account 1"), Get("Cookie: user=12").IsForwarded(), Get("Cookie: user=1; admin=1").IsForwarded())
        // Guard: what Vary says now counts, not only what it said first.
        .Required("vary-changes", "An answer that begins to vary is not answered by one from before.",
            Get("Foo: 1").Answer("Cache-Control: max-age=1").Body("old"), Get("Foo: 1").After(2.5).Answer(Fresh, "Vary: Foo").Body("one").IsForwarded(),
            Get("Foo: 2").Answer(Fresh, "Vary: Foo").IsForwarded());

    private static BehaviourGroup Errors => new BehaviourGroup("Errors", "")
        // Guard: without explicit freshness or a policy no error is stored.
        .ForEach([400, 401, 403, 404, 405, 413, 414, 431, 500, 501, 502, 503], static (group, status) => group
            .Required($"error-{status}", $"A {status} that an attacker's request caused is not the next client's.",
                Get("X-Oversized: " + new string('a', 4000)).Status(status).IsForwarded(), Get().IsForwarded()))
        // Guard: the gateway's own errors are made after the cache's decision to store, and say no-store.
        .Required("error-of-gateway", "An error of the gateway's own is a typed problem and is not the next client's.",
            Get().Close().IsServerError().Has("Content-Type: ~application/problem+json", "Cache-Control: ~no-store"), Get().Answer(Fresh).IsForwarded(), Get().IsStored());
}
