using Headroom.Load.Target;

namespace Headroom.Load.Tests.Target;

public sealed class PrometheusSamplesTests
{
    private const string Exposition = """
        # HELP hits_total Lookups.
        # TYPE hits_total counter
        hits_total{cache="auth",tier="l1"} 40
        hits_total{cache="auth",tier="l2"} 2 1700000000000
        hits_total{cache="it's \"quoted\", \\ and\nmore"} 7
        hits_total_other 99
        ratio{ } 0.25
        broken{cache="a
        broken{cache=a} 1
        broken NaN
        broken +Inf
        up:all{le="+Inf", } 1.5e3
        """;

    [Theory]
    [InlineData("hits_total", 49)]
    [InlineData("hits_total{cache=\"auth\"}", 42)]
    [InlineData(" hits_total { tier = \"l2\" , cache = \"auth\" } ", 2)]
    [InlineData("hits_total{cache=\"it's \\\"quoted\\\", \\\\ and\\nmore\"}", 7)]
    [InlineData("ratio", 0.25)]
    [InlineData("up:all", 1500)]
    [InlineData("hits_total{cache=\"other\"}", double.NaN)]
    [InlineData("broken", double.NaN)]
    public void Sum_OfASelector_AddsTheSeriesThatHaveItsLabels(string selector, double expected)
    {
        Assert.True(PrometheusSamples.TryParseSelector(selector, out var series));
        Assert.Equal(expected, PrometheusSamples.Parse(Exposition).Sum(series!) ?? double.NaN);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("a{")]
    [InlineData("a{b}")]
    [InlineData("a{b=c}")]
    [InlineData("a{b=\"c}")]
    [InlineData("a{b=\"c\"")]
    [InlineData("a{b=\"c\"} > 1")]
    [InlineData("rate(a[5m])")]
    public void TryParseSelector_WhatIsNone_IsRefused(string text) => Assert.False(PrometheusSamples.TryParseSelector(text, out _));

    [Fact]
    public void ToString_OfASelector_IsReadAgain()
    {
        var selector = new SeriesSelector { Name = "hits_total", Labels = [("cache", "auth"), ("tier", "l1")] };
        Assert.True(PrometheusSamples.TryParseSelector(selector.ToString(), out var again));
        Assert.Equal(selector.Labels, again!.Labels);
    }
}
