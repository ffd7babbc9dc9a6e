using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9213: CDN-Cache-Control, which is for shared caches near the origin.</summary>
internal static class TargetedControl
{
    private const double Elapsed = 2.5;

    public static BehaviourGroup All => new BehaviourGroup("CDN-Cache-Control", "RFC 9213 §2")
        .Optimal("cdn-max-age", "Its max-age makes an answer fresh.", Get().Answer("CDN-Cache-Control: max-age=3600"), Get().IsStored())
        .Given("cdn-max-age")
        .ForEach(["2147483648", "99999999999"], static (group, value) => group
            .Optimal($"cdn-max-age-{value}", $"Its max-age of {value} is a long time.", Get().Answer($"CDN-Cache-Control: max-age={value}"), Get().IsStored()))
        .Optimal("cdn-extension", "An unknown directive in it changes nothing.", Get().Answer("CDN-Cache-Control: community, max-age=3600"), Get().IsStored())
        .Optimal("cdn-over-past-expires", "It is preferred to an Expires in the past.", Get().Answer("CDN-Cache-Control: max-age=3600", "Expires: {now-3600}"), Get().IsStored())
        .Optimal("cdn-over-invalid-expires", "It is preferred to an Expires that is no date.", Get().Answer("CDN-Cache-Control: max-age=3600", "Expires: 0"), Get().IsStored())
        .Optimal("cdn-longer", "Its long max-age is preferred to a short one of Cache-Control.",
            Get().Answer("Cache-Control: max-age=1", "CDN-Cache-Control: max-age=3600"), Get().After(Elapsed).IsStored())
        .Optimal("cdn-over-no-store", "It is preferred to no-store of Cache-Control.", Get().Answer("Cache-Control: no-store", "CDN-Cache-Control: max-age=3600"), Get().IsStored())
        .Optimal("cdn-over-private", "It is preferred to private of Cache-Control.", Get().Answer("Cache-Control: private", "CDN-Cache-Control: max-age=3600"), Get().IsStored())
        .Optimal("cdn-cache-control-kept", "Cache-Control reaches the client as the origin sent it.",
            Get().Answer("Cache-Control: no-store", "CDN-Cache-Control: max-age=3600"), Get().IsStored().Has("Cache-Control: no-store"))
        .Required("cdn-max-age-elapsed", "After its max-age an answer is not reused.", Get().Answer("CDN-Cache-Control: max-age=1"), Get().After(Elapsed).IsForwarded())
        .Required("cdn-age", "Age counts towards it.", Get().Answer("CDN-Cache-Control: max-age=3600", "Age: 7200"), Get().IsForwarded())
        .Required("cdn-zero", "Its max-age of 0 is stale at once.", Get().Answer("CDN-Cache-Control: max-age=0"), Get().IsForwarded())
        .Required("cdn-zero-over-expires", "Its max-age of 0 is preferred to an Expires in the future.",
            Get().Answer("CDN-Cache-Control: max-age=0", "Expires: {now+3600}"), Get().IsForwarded())
        .Required("cdn-shorter", "Its short max-age is preferred to a long one of Cache-Control.",
            Get().Answer("Cache-Control: max-age=3600", "CDN-Cache-Control: max-age=1"), Get().After(Elapsed).IsForwarded())
        .ForEach(["private", "no-cache", "no-store"], static (group, directive) => group
            .Required($"cdn-{directive}", $"Its {directive} is preferred to Cache-Control and Expires.",
                Get().Answer($"CDN-Cache-Control: {directive}", "Cache-Control: max-age=3600", "Expires: {now+3600}"), Get().IsForwarded()))
        .Required("cdn-invalid-member", "Where it is no structured field it is ignored, and Cache-Control counts.",
            Get().Answer("CDN-Cache-Control: max-age=3600, &&&&&", "Cache-Control: no-store"), Get().IsForwarded())
        .Required("cdn-invalid-type", "A max-age of the wrong type in it is ignored, and Cache-Control counts.",
            Get().Answer("CDN-Cache-Control: max-age=\"3600\"", "Cache-Control: no-store"), Get().IsForwarded())
        .Given(null)
        .Required("cdn-invalid-lets-cache-control-count", "Where it is no structured field Cache-Control makes fresh.",
            Get().Answer("CDN-Cache-Control: &&&&&", "Cache-Control: max-age=3600"), Get().IsStored());
}
