using static Headroom.Gateway.Tests.Conformance.Exchange;

namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>RFC 9111 §5.3 and §4.2.2, RFC 9110 §5.6.7: freshness from dates.</summary>
internal static class Expires
{
    public static BehaviourGroup Dates => new BehaviourGroup("Freshness: Expires", "RFC 9111 §5.3")
        .Optimal("expires-future", "An answer is reused before it expires.", Get().Answer("Expires: {now+3600}"), Get().IsStored())
        .Given("expires-future")
        .Required("expires-past", "An answer that has expired is not reused.", Get().Answer("Expires: {now-3600}"), Get().IsForwarded())
        .Required("expires-now", "An answer that expires when it is made is not reused.", Get().Answer("Expires: {now+0}"), Get().IsForwarded())
        .Required("expires-before-date", "An Expires before the answer's own Date is past, whatever the time is here.",
            Get().Answer("Expires: {now+300}", "Date: {now+400}"), Get().IsForwarded())
        .Required("expires-zero", "An Expires of 0 is in the past.", Get().Answer("Expires: 0"), Get().IsForwarded())
        .Required("expires-minus-one", "An Expires of -1 is in the past.", Get().Answer("Expires: -1"), Get().IsForwarded())
        .Optimal("expires-invalid-date", "Without a valid Date, Expires is held against the time of receipt.",
            Get().Answer("Date: yesterday", "Expires: {now+60}"), Get().IsStored())
        .Required("expires-age-slow-date", "An Age above Expires minus Date is stale, though Date is behind.",
            Get().Answer("Date: {now-10}", "Expires: {now+10}", "Age: 25"), Get().IsForwarded())
        .Required("expires-age-fast-date", "An Age above Expires minus Date is stale, though Date is ahead.",
            Get().Answer("Date: {now+10}", "Expires: {now+20}", "Age: 15"), Get().IsForwarded());

    public static BehaviourGroup Formats => new BehaviourGroup("Freshness: reading dates", "RFC 9110 §5.6.7").Given("expires-future")
        .ForEach(
            [
                ("after-2038", "Tue, 19 Jan 2038 14:14:08 GMT"), ("far-future", "Sun, 21 Nov 2286 04:46:39 GMT"),
                ("rfc850", "Friday, 19-Aug-50 02:01:18 GMT"), ("asctime", "Fri Aug  5 02:01:18 2050"),
                ("weekday-upper-case", "FRI, 19 Aug 2050 02:01:18 GMT"), ("month-upper-case", "Fri, 19 AUG 2050 02:01:18 GMT"),
                ("zone-mixed-case", "Fri, 19 Aug 2050 02:01:18 gMt"),
            ],
            static (group, id, date) => group.Optimal($"date-{id}", $"'{date}' is a date in the future.", Get().Answer($"Expires: {date}"), Get().IsStored()))
        .ForEach(
            [
                ("utc", "Fri, 19 Aug 2050 02:01:18 UTC"), ("other-zone", "Fri, 19 Aug 2050 02:01:18 AEST"), ("two-digit-year", "Fri, 19 Aug 50 02:01:18 GMT"),
                ("no-comma", "Fri 19 Aug 2050 02:01:18 GMT"), ("double-spaces", "Fri, 19  Aug  2050 02:01:18 GMT"), ("dashes", "Fri, 19-Aug-2050 02:01:18 GMT"),
                ("dots", "Fri, 19 Aug 2050 02.01.18 GMT"), ("one-digit-hour", "Fri, 19 Aug 2050 2:01:18 GMT"), ("numeric-zone", "Fri, 19 Aug 2050 02:01:18 +0000"),
            ],
            static (group, id, date) => group.Required($"date-{id}", $"'{date}' is no HTTP date, so it is in the past.",
                Get().Answer($"Expires: {date}"), Get().IsForwarded()))
        .Required("date-two-invalid-lines", "Two lines of Expires that are no dates are in the past.",
            Get().Answer("Expires: Fri, 19 Aug 2050 2:01:18 GMT", "Expires: Fri, 19 Aug 2050 2:01:19 GMT"), Get().IsForwarded());

    public static BehaviourGroup Heuristic => new BehaviourGroup("Freshness: heuristic", "RFC 9111 §4.2.2")
        .ForEach([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501], static (group, status) => group
            .Optimal($"heuristic-{status}", $"A {status} that was last modified a day ago is fresh for a while.",
                Get().Status(status).Answer("Last-Modified: {start-86400}"), Get().IsStored()))
        .Given("heuristic-200")
        .ForEach([201, 202, 302, 307, 400, 403, 500, 502, 503, 504, 599], static (group, status) => group
            .Required($"heuristic-{status}", $"A {status} is not fresh by its Last-Modified.",
                Get().Status(status).Answer("Last-Modified: {start-86400}"), Get().IsForwarded()))
        .Optimal("heuristic-public", "An unknown status with 'public' is fresh by its Last-Modified.",
            Get().Status(599).Answer("Last-Modified: {start-86400}", "Cache-Control: public"), Get().IsStored())
        .Required("heuristic-not-with-expires", "A Last-Modified does not help an answer that has expired.",
            Get().Answer("Last-Modified: {start-86400}", "Expires: {now-10}"), Get().IsForwarded())
        .Required("heuristic-not-with-max-age", "A Last-Modified does not help an answer whose max-age is 0.",
            Get().Answer("Last-Modified: {start-86400}", "Cache-Control: max-age=0"), Get().IsForwarded());
}
