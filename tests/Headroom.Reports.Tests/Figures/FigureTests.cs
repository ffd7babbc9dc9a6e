using System.Text.Json;
using Headroom.Reports.Figures;

namespace Headroom.Reports.Tests.Figures;

/// <summary>The cases are web/tests/figures.json, to which the page's formatter is held too: console and page never differ.</summary>
public sealed class FigureTests
{
    public static TheoryData<string, double, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, double, string>();
            using var file = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("web", "tests", "figures.json")));
            foreach (var kind in file.RootElement.EnumerateObject())
            {
                foreach (var entry in kind.Value.EnumerateArray())
                    cases.Add(kind.Name, entry[0].GetDouble(), entry[1].GetString()!);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Format_EveryKind_ReadsAsOnThePage(string kind, double value, string expected)
    {
        Func<double, string> format = kind switch
        {
            "number" => Figure.Number,
            "count" => Figure.Count,
            "milliseconds" => Figure.Milliseconds,
            "bytes" => Figure.Bytes,
            "percent" => Figure.Percent,
            "times" => Figure.Times,
            "perSecond" => Figure.PerSecond,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Name its formatter here."),
        };

        Assert.Equal(expected, format(value));
        Assert.Equal(expected, InCulture.Run("de-DE", () => format(value)));
        Assert.Equal(expected, InCulture.Run("tr-TR", () => format(value)));
    }

    [Fact]
    public void Instant_AnyOffset_IsToldInUtc() =>
        Assert.Equal("21 Nov 2026, 09:30 UTC", InCulture.Run("de-DE", () => Figure.Instant(new DateTimeOffset(2026, 11, 21, 10, 30, 0, TimeSpan.FromHours(1)))));
}
