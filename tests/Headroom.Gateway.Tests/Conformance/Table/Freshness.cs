using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §4.2, §5.2.2.1 and §5.2.2.10: how long an answer is fresh by its Cache-Control.</summary>
internal static class Freshness
{
    private const string Lifetime = "RFC 9111 §4.2.1";

    // More than a max-age of 1 s, however a cache rounds.
    private const double Elapsed = 2.5;

    public static BehaviourGroup MaxAge => new BehaviourGroup("Freshness: max-age and s-maxage", Lifetime)
        .Optimal("max-age", "An answer is reused within its max-age.", Get().Answer("Cache-Control: max-age=3600"), Get().IsStored())
        .Given("max-age")
        .Required("max-age-elapsed", "An answer is not reused after its max-age.", Get().Answer("Cache-Control: max-age=1"), Get().After(Elapsed).IsForwarded())
        .Required("max-age-zero", "A max-age of 0 is stale at once.", Get().Answer("Cache-Control: max-age=0"), Get().IsForwarded())
        .Required("max-age-negative", "A negative max-age does not make an answer fresh.", Get().Answer("Cache-Control: max-age=-3600"), Get().IsForwarded())
        .ForEach(["2147483647", "2147483648", "2147483649", "99999999999"], static (group, value) => group
            .Optimal($"max-age-{value}", $"A max-age of {value} is a long time, not an overflow.", Get().Answer($"Cache-Control: max-age={value}"), Get().IsStored()))
        .Required("max-age-with-age", "The Age that an answer came with counts towards its max-age.",
            Get().Answer("Cache-Control: max-age=3600", "Age: 7200"), Get().IsForwarded())
        .Optimal("max-age-with-old-date", "A Date in the past counts as age.",
            Get().Answer("Cache-Control: max-age=3600", "Date: {now-7200}"), Get().IsForwarded())
        .Optimal("max-age-over-past-expires", "A max-age is preferred to an Expires in the past.",
            Get().Answer("Cache-Control: max-age=3600", "Expires: {now-7200}"), Get().IsStored())
        .Optimal("max-age-over-invalid-expires", "A max-age is preferred to an Expires that is no date.",
            Get().Answer("Cache-Control: max-age=3600", "Expires: 0"), Get().IsStored())
        .Required("max-age-zero-over-future-expires", "A max-age of 0 is preferred to an Expires in the future.",
            Get().Answer("Cache-Control: max-age=0", "Expires: {now+3600}"), Get().IsForwarded())
        .Optimal("max-age-beside-extension", "An unknown directive beside max-age changes nothing.",
            Get().Answer("Cache-Control: community, max-age=3600"), Get().IsStored())
        .Optimal("max-age-beside-extension-with-value", "An unknown directive with a quoted value beside max-age changes nothing.",
            Get().Answer("Cache-Control: community=\"a, b\", max-age=3600"), Get().IsStored())
        .Optimal("max-age-any-case", "Names of directives have no case.", Get().Answer("Cache-Control: MAX-Age=3600"), Get().IsStored())
        .Optimal("max-age-two-lines", "Directives on several lines are one list.",
            Get().Answer("Cache-Control: community", "Cache-Control: max-age=3600"), Get().IsStored())
        .Optimal("s-maxage", "A shared cache reuses an answer within its s-maxage.", Get().Answer("Cache-Control: s-maxage=3600"), Get().IsStored())
        .Given("s-maxage")
        .Required("s-maxage-shorter", "A shared cache prefers a short s-maxage to a long max-age before it.",
            Get().Answer("Cache-Control: max-age=3600, s-maxage=1"), Get().After(Elapsed).IsForwarded())
        .Required("s-maxage-shorter-first", "A shared cache prefers a short s-maxage to a long max-age after it.",
            Get().Answer("Cache-Control: s-maxage=1, max-age=3600"), Get().After(Elapsed).IsForwarded())
        .Required("s-maxage-shorter-two-lines", "A shared cache prefers a short s-maxage to a long max-age on another line.",
            Get().Answer("Cache-Control: max-age=3600", "Cache-Control: s-maxage=1"), Get().After(Elapsed).IsForwarded())
        .Required("s-maxage-zero", "An s-maxage of 0 is stale at once, whatever max-age says.",
            Get().Answer("Cache-Control: s-maxage=0, max-age=3600"), Get().IsForwarded())
        .Optimal("s-maxage-longer", "A shared cache prefers a long s-maxage to a short max-age.",
            Get().Answer("Cache-Control: max-age=1, s-maxage=3600"), Get().After(Elapsed).IsStored())
        .Optimal("s-maxage-over-past-expires", "A long s-maxage is preferred to a max-age of 0 and an Expires in the past.",
            Get().Answer("Cache-Control: max-age=0, s-maxage=3600", "Expires: {now-10}"), Get().IsStored());

    public static BehaviourGroup Syntax => new BehaviourGroup("Freshness: reading Cache-Control", "RFC 9111 §5.2").Given("max-age")
        .Required("max-age-inside-quotes-first", "A max-age inside another directive's quoted value, before the real one, is not read.",
            Get().Answer("Cache-Control: extension=\"max-age=3600\", max-age=1"), Get().After(Elapsed).IsForwarded())
        .Required("max-age-inside-quotes-last", "A max-age inside another directive's quoted value, after the real one, is not read.",
            Get().Answer("Cache-Control: max-age=1, extension=\"max-age=3600\""), Get().After(Elapsed).IsForwarded())
        .Required("max-age-inside-quotes-alone", "A max-age inside a quoted value alone makes nothing fresh.",
            Get().Answer("Cache-Control: extension=\"a, max-age=3600\""), Get().IsForwarded())
        .Required("max-age-single-quoted", "Single quotes are not quotes: such a max-age is invalid.",
            Get().Answer("Cache-Control: max-age='3600'"), Get().IsForwarded())
        .Required("max-age-twice-stale-first", "Of two values of max-age the first is used, or the answer is stale: here both say stale.",
            Get().Answer("Cache-Control: max-age=1, max-age=3600"), Get().After(Elapsed).IsForwarded())
        .Required("max-age-twice-stale-first-two-lines", "The same for two lines.",
            Get().Answer("Cache-Control: max-age=1", "Cache-Control: max-age=3600"), Get().After(Elapsed).IsForwarded())
        .Required("name-with-suffix", "A directive whose name only begins with max-age is another one.",
            Get().Answer("Cache-Control: max-age-of-all=3600"), Get().IsForwarded())
        .Required("name-with-prefix", "A directive whose name only ends with max-age is another one.",
            Get().Answer("Cache-Control: x-max-age=3600"), Get().IsForwarded())
        .Optimal("max-age-leading-zeros", "Leading zeros are digits.", Get().Answer("Cache-Control: max-age=003600"), Get().IsStored())
        .Optimal("max-age-quoted", "The quoted form of a value is read like the token.", Get().Answer("Cache-Control: max-age=\"3600\""), Get().IsStored())
        .ForEach([("letters-first", "a3600"), ("letters-last", "3600a"), ("decimal", "3600.5"), ("empty", ""), ("space", " 3600")], static (group, id, value) => group
            .Optimal($"max-age-{id}", $"The invalid 'max-age={value}' is stale.",
                Get().Answer($"Cache-Control: max-age={value}"), Get().IsForwarded()));

    public static BehaviourGroup Age => new BehaviourGroup("Freshness: reading Age", "RFC 9111 §5.1").Given("max-age")
        .ForEach([("word", "abc"), ("negative", "-7200"), ("decimal", "7200.0")], static (group, id, value) => group
            .Required($"age-{id}", $"The invalid Age '{value}' is ignored.",
                Get().Answer("Cache-Control: max-age=3600", $"Age: {value}"), Get().IsStored()))
        .ForEach(["2147483647", "2147483648", "2147483649"], static (group, age) => group
            .Required($"age-{age}", $"An Age of {age} is old, not an overflow.",
                Get().Answer("Cache-Control: max-age=3600", $"Age: {age}"), Get().IsForwarded()))
        .Required("age-list-old-first", "Of a list the first value is used: an old one.", Get().Answer("Cache-Control: max-age=3600", "Age: 7200, 0"), Get().IsForwarded())
        .Required("age-list-new-first", "Of a list the first value is used: a new one.", Get().Answer("Cache-Control: max-age=3600", "Age: 0, 7200"), Get().IsStored())
        .Required("age-lines-old-first", "Of two lines the first is used: an old one.",
            Get().Answer("Cache-Control: max-age=3600", "Age: 7200", "Age: 0"), Get().IsForwarded())
        .Required("age-lines-new-first", "Of two lines the first is used: a new one.",
            Get().Answer("Cache-Control: max-age=3600", "Age: 0", "Age: 7200"), Get().IsStored())
        .Required("age-list-same", "The same value twice in a list is that value.", Get().Answer("Cache-Control: max-age=3600", "Age: 0, 0"), Get().IsStored())
        .Required("age-lines-same", "The same value on two lines is that value.", Get().Answer("Cache-Control: max-age=3600", "Age: 0", "Age: 0"), Get().IsStored())
        .Required("age-lines-same-large", "An Age on two lines is not added up.",
            Get().Answer("Cache-Control: max-age=6000", "Age: 3600", "Age: 3600"), Get().IsStored());
}
