using System.Globalization;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.ResponseCache.Rules;

/// <summary>RFC 9111 §4.2.</summary>
public sealed class FreshnessTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    internal static IHeaderDictionary Headers(params string[] lines)
    {
        var headers = new HeaderDictionary();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].Trim();

            // "Date: @-10" is a date ten seconds before now.
            headers.Append(line[..colon], value.StartsWith('@') ? HttpDate.Format(Now.AddSeconds(double.Parse(value[1..], CultureInfo.InvariantCulture))) : value);
        }

        return headers;
    }

    static Lifetime LifetimeOf(int status, params string[] lines)
    {
        var headers = Headers(lines);
        var targeted = CacheControl.ParseTargeted(headers["CDN-Cache-Control"]);
        return Freshness.LifetimeOf(targeted ?? CacheControl.Parse(headers.CacheControl), targeted is not null, status, headers, Now, TimeSpan.FromDays(1));
    }

    [Theory]
    [InlineData("Cache-Control: max-age=5, s-maxage=7|Expires: @100|Date: @0", 7, "SharedMaxAge")]
    [InlineData("Cache-Control: max-age=5|Expires: @100|Date: @0", 5, "MaxAge")]
    [InlineData("Cache-Control: max-age=0|Expires: @100|Date: @0", 0, "MaxAge")]
    [InlineData("Expires: @100|Date: @0", 100, "Expires")]
    [InlineData("Expires: @300|Date: @400", 0, "Expires")]
    [InlineData("Expires: @20|Date: @10", 10, "Expires")]
    [InlineData("Expires: @10|Date: foo", 10, "Expires")]
    [InlineData("Expires: 0|Date: @0|Last-Modified: @-86400", 0, "Expires")]
    [InlineData("Expires: @100|Expires: @100|Date: @0", 0, "Expires")]
    [InlineData("CDN-Cache-Control: max-age=9|Cache-Control: s-maxage=1|Expires: @100", 9, "MaxAge")]
    [InlineData("CDN-Cache-Control: foo|Expires: @100|Date: @0", 0, "None")]
    [InlineData("Last-Modified: @-1000|Date: @0", 100, "Heuristic")]
    [InlineData("Last-Modified: @-100000000|Date: @0", 86400, "Heuristic")]
    [InlineData("Last-Modified: @100|Date: @0", 0, "None")]
    [InlineData("Date: @0", 0, "None")]
    public void LifetimeOf_Section4_2_1_TheFirstThatIsThere(string lines, int seconds, string source)
    {
        var lifetime = LifetimeOf(200, lines.Split('|'));
        Assert.Equal((seconds * 1000L, source), (lifetime.Milliseconds, lifetime.Source.ToString()));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    [InlineData(202, false)]
    [InlineData(203, true)]
    [InlineData(204, true)]
    [InlineData(302, false)]
    [InlineData(308, true)]
    [InlineData(403, false)]
    [InlineData(404, true)]
    [InlineData(405, true)]
    [InlineData(410, true)]
    [InlineData(414, true)]
    [InlineData(501, true)]
    [InlineData(502, false)]
    [InlineData(503, false)]
    [InlineData(599, false)]
    public void LifetimeOf_Section4_2_2_HeuristicOnlyForSomeStatuses(int status, bool expected)
    {
        Assert.Equal(expected, LifetimeOf(status, "Last-Modified: @-86400", "Date: @0").Milliseconds > 0);
        Assert.True(LifetimeOf(status, "Last-Modified: @-86400", "Date: @0", "Cache-Control: public").Milliseconds > 0);
    }

    [Theory]
    [InlineData("Date: @0", 0, 0)]
    [InlineData("Date: @-10", 0, 10)]
    [InlineData("Date: @10", 0, 0)]
    [InlineData("Date: @0|Age: 30", 0, 30)]
    [InlineData("Date: @0|Age: 30", 2, 32)]
    [InlineData("Date: @-40|Age: 30", 2, 40)]
    [InlineData("Date: @0|Age: 7200, 0", 0, 7200)]
    [InlineData("Date: @0|Age: 0, 7200", 0, 0)]
    [InlineData("Date: @0|Age: abc", 0, 0)]
    [InlineData("Date: @0|Age: -5", 0, 0)]
    [InlineData("Date: @0|Age: 7200.0", 0, 0)]
    public void InitialAge_Section4_2_3_TheGreaterOfApparentAndCorrected(string lines, int delay, int seconds) =>
        Assert.Equal(seconds * 1000L, Freshness.InitialAge(Headers(lines.Split('|')), Now.AddSeconds(-delay), Now));
}
