namespace Headroom.Measurements.Tests;

/// <summary>Thresholds of either notation as k6 has them in a script.</summary>
public sealed class K6ThresholdTests
{
    [Theory]
    [InlineData("p95<150ms", "http_req_duration", null, null, "p(95)<150")]
    [InlineData("p99.9{GET /users/{id}}<=1.5s", "http_req_duration", "name", "GET /users/{id}", "p(99.9)<=1500")]
    [InlineData("mean<10us", "http_req_duration", null, null, "avg<0.01")]
    [InlineData("max>1s", "http_req_duration", null, null, "max>1000")]
    [InlineData("errors<0.1%", "http_req_failed", null, null, "rate<0.001")]
    [InlineData("errors{a}<0.00001", "http_req_failed", "name", "a", "rate<0.00001")]
    [InlineData("rps>=1000/s", "http_reqs", null, null, "rate>=1000")]
    [InlineData("checks{a}>99%", "checks", "name", "a", "rate>0.99")]
    [InlineData("dropped<1", "dropped_iterations", null, null, "count<1")]
    [InlineData("http_req_duration: p(95)<0.5s", "http_req_duration", null, null, "p(95)<500")]
    [InlineData("http_req_duration{scenario:s}: med<=5", "http_req_duration", "scenario", "s", "p(50)<=5")]
    [InlineData("checks{name:is fine}: rate===1", "checks", "check", "is fine", "rate==1")]
    [InlineData("iteration_duration: avg!=3", "iteration_duration", null, null, "avg!=3")]
    [InlineData("data_sent: rate<1MB/s", "data_sent", null, null, "rate<1000000")]
    [InlineData("vus: value<=50", "vus", null, null, "value<=50")]
    public void ToK6_WhatK6Measures_IsTheSameThreshold(string target, string metric, string? tag, string? value, string condition)
    {
        Assert.True(ThresholdExpression.TryParse(target, out var expression, out var error), error);
        Assert.Equal(new K6Threshold(metric, tag, value, condition), expression.ToK6());

        // Read again it judges by the same limit.
        var selector = tag is null ? "" : $"{{{tag}:{value}}}";
        Assert.True(ThresholdExpression.TryParse($"{metric}{selector}: {condition}", out var again, out error), error);
        Assert.Equal(expression.Limit, again.Limit);
    }

    [Theory]
    [InlineData("rss<100MB")]
    [InlineData("rss-growth<10MB/h")]
    [InlineData("cpu<5us")]
    [InlineData("cpu-utilization<5%")]
    [InlineData("hit-rate>50%")]
    [InlineData("metric{a}<1")]
    [InlineData("dropped{a}<1")]
    public void ToK6_WhatK6DoesNotMeasure_IsNull(string target)
    {
        Assert.True(ThresholdExpression.TryParse(target, out var expression, out var error), error);
        Assert.Null(expression.ToK6());
    }
}
