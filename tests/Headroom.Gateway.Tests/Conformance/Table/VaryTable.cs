using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §4.1: answers that depend on fields of the request.</summary>
internal static class VaryTable
{
    private const string Fresh = "Cache-Control: max-age=3600";

    public static BehaviourGroup Selecting => new BehaviourGroup("Vary: selecting", "RFC 9111 §4.1")
        .Optimal("vary-match", "A request with the same value gets the stored answer.", Get("Foo: 1").Answer(Fresh, "Vary: Foo"), Get("Foo: 1").IsStored())
        .Given("vary-match")
        .Required("vary-other-value", "Another value does not.", Get("Foo: 1").Answer(Fresh, "Vary: Foo"), Get("Foo: 2").IsForwarded())
        .Required("vary-absent-before", "A value where there was none does not.", Get().Answer(Fresh, "Vary: Foo"), Get("Foo: 1").IsForwarded())
        .Required("vary-absent-now", "No value where there was one does not.", Get("Foo: 1").Answer(Fresh, "Vary: Foo"), Get().IsForwarded())
        .Required("vary-name-any-case", "Names in Vary have no case.", Get("Foo: 1").Answer(Fresh, "Vary: fOO"), Get("Foo: 2").IsForwarded())
        .Required("vary-value-has-case", "Values of unknown fields have case.", Get("Foo: a").Answer(Fresh, "Vary: Foo"), Get("Foo: A").IsForwarded())
        .Required("vary-two-lines", "Names on the second line of Vary count.",
            Get("Foo: 1", "Bar: a").Answer(Fresh, "Vary: Foo", "Vary: Bar"), Get("Foo: 1", "Bar: b").IsForwarded())
        .Required("vary-cookie", "An answer that varies by Cookie is not given to another cookie.",
            Get("Cookie: user=1").Answer(Fresh, "Vary: Cookie"), Get("Cookie: user=2").IsForwarded())
        .Optimal("vary-two-variants", "Two variants are kept at once.",
            Get("Foo: 1").Answer(Fresh, "Vary: Foo").Body("one"), Get("Foo: 2").Answer(Fresh, "Vary: Foo").Body("two").IsForwarded(), Get("Foo: 1").IsStored())
        .Optimal("vary-unlisted", "A field that is not named does not matter.",
            Get("Foo: 1", "Other: 2").Answer(Fresh, "Vary: Foo"), Get("Foo: 1", "Other: 3").IsStored())
        .Optimal("vary-two-match", "Two fields that match select.",
            Get("Foo: 1", "Bar: a").Answer(Fresh, "Vary: Foo, Bar"), Get("Bar: a", "Foo: 1").IsStored())
        .Required("vary-two-mismatch", "One of two fields that differs does not.",
            Get("Foo: 1", "Bar: a").Answer(Fresh, "Vary: Foo, Bar"), Get("Foo: 2", "Bar: a").IsForwarded())
        .Required("vary-two-absent", "Two fields that are both missing do not.", Get("Foo: 1", "Bar: a").Answer(Fresh, "Vary: Foo, Bar"), Get().IsForwarded())
        .Optimal("vary-three-match", "Three fields that match select.",
            Get("Foo: 1", "Bar: a", "Baz: x").Answer(Fresh, "Vary: Foo, Bar, Baz"), Get("Foo: 1", "Bar: a", "Baz: x").IsStored())
        .Required("vary-three-mismatch", "One of three fields that differs does not.",
            Get("Foo: 1", "Bar: a", "Baz: x").Answer(Fresh, "Vary: Foo, Bar, Baz"), Get("Foo: 2", "Bar: a", "Baz: x").IsForwarded())
        .Required("vary-three-mismatch-any-order", "Nor in another order of lines.",
            Get("Foo: 1", "Bar: a", "Baz: x").Answer(Fresh, "Vary: Foo, Bar, Baz"), Get("Foo: 1", "Baz: x", "Bar: ab").IsForwarded())
        .Optimal("vary-three-absent-both", "A field that is missing in both requests matches.",
            Get("Foo: 1", "Baz: x").Answer(Fresh, "Vary: Foo, Bar, Baz"), Get("Foo: 1", "Baz: x").IsStored())
        .Required("vary-values-not-joined", "Values of two fields are not one text: 'ab' and 'c' differ from 'a' and 'bc'.",
            Get("Bar: ab", "Foo: c").Answer(Fresh, "Vary: Bar, Foo"), Get("Bar: a", "Foo: bc").IsForwarded());

    public static BehaviourGroup Star => new BehaviourGroup("Vary: *", "RFC 9111 §4.1").Given("vary-match")
        .ForEach(
            [
                ("star", ["Vary: *"]), ("star-star", ["Vary: *, *"]), ("star-star-lines", ["Vary: *", "Vary: *"]), ("empty-star", ["Vary: , *"]),
                ("empty-star-lines", ["Vary:", "Vary: *"]), ("star-name", ["Vary: *, Foo"]), ("name-star", ["Vary: Foo, *"]), ("name-star-lines", ["Vary: Foo", "Vary: *"]),
            ],
            static (BehaviourGroup group, (string Id, string[] Lines) vary) => group.Required($"vary-{vary.Id}",
                $"An answer with '{string.Join("' and '", vary.Lines)}' is never reused without asking.",
                Get("Foo: 1").Answer([Fresh, .. vary.Lines]), Get("Foo: 1").IsForwarded()));

    public static BehaviourGroup Normalising => new BehaviourGroup("Vary: equal values", "RFC 9111 §4.1")
        .Optimal("vary-lines-joined", "Two lines of a field are the list of both.", Get("Foo: 1, 2").Answer(Fresh, "Vary: Foo"), Get("Foo: 1", "Foo: 2").IsStored())
        .Optimal("vary-spaces", "White space between members of a list does not matter.", Get("Foo: 1,2").Answer(Fresh, "Vary: Foo"), Get("Foo:  1, 2 ").IsStored())
        .Optimal("vary-language-order", "The order of languages of one weight does not matter.",
            Get("Accept-Language: en, de").Answer(Fresh, "Vary: Accept-Language"), Get("Accept-Language: de, en").IsStored())
        .Optimal("vary-language-case", "Languages have no case.",
            Get("Accept-Language: en, de").Answer(Fresh, "Vary: Accept-Language"), Get("Accept-Language: eN, De").IsStored())
        .Optimal("vary-language-spaces", "White space between languages does not matter.",
            Get("Accept-Language: en, de").Answer(Fresh, "Vary: Accept-Language"), Get("Accept-Language:  en ,   de").IsStored())
        .Optimal("vary-language-select", "A stored answer in the language that a client prefers is chosen by its Content-Language.",
            Get("Accept-Language: en, de").Answer(Fresh, "Vary: Accept-Language", "Content-Language: de"), Get("Accept-Language: fr;q=0.5, de;q=1.0").IsStored());
}
