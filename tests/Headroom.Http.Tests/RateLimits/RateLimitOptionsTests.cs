using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.RateLimits;

public sealed class RateLimitOptionsTests
{
    [Fact]
    public void Options_Nothing_AreTheDefaults()
    {
        var options = Read([]);
        Assert.True(options.Enabled);
        Assert.True(options.Headers);
        Assert.Empty(options.Policies);
        Assert.Empty(options.Global);
        Assert.Equal("plan", options.PlanClaim);
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.SharedTimeout);
        Assert.Null(options.SharedLimiter);

        var policy = new RateLimitPolicy();
        Assert.Equal((RateLimitAlgorithm.Gcra, 100, TimeSpan.FromMinutes(1), null, 6, RateLimitBy.Address), (policy.Algorithm, policy.Limit, policy.Window, policy.Burst, policy.Segments, policy.By));
        Assert.Equal((false, false, 100_000), (policy.TrustApiKeyHeader, policy.Shared, policy.MaxPartitions));
    }

    [Fact]
    public void Options_Section_IsRead()
    {
        var options = Read(new()
        {
            ["Headroom:RateLimits:Global:0"] = "all",
            ["Headroom:RateLimits:Policies:all:Limit"] = "5000",
            ["Headroom:RateLimits:Policies:all:Window"] = "00:00:01",
            ["Headroom:RateLimits:Policies:burst:By"] = "ApiKey, Plan",
            ["Headroom:RateLimits:Policies:burst:Burst"] = "20",
            ["Headroom:RateLimits:Policies:burst:Algorithm"] = "tokenbucket",
            ["Headroom:RateLimits:Policies:burst:PlanLimits:free"] = "10",
            ["Headroom:RateLimits:Policies:burst:PlanLimits:pro"] = "1000",
        });
        Assert.Equal(["all"], options.Global);
        Assert.Equal((5000, TimeSpan.FromSeconds(1)), (options.Policies["all"].Limit, options.Policies["all"].Window));
        var burst = options.Policies["burst"];
        Assert.Equal((RateLimitBy.ApiKey | RateLimitBy.Plan, 20, RateLimitAlgorithm.TokenBucket), (burst.By, burst.Burst, burst.Algorithm));
        Assert.Equal(1000, burst.PlanLimits["pro"]);
    }

    [Fact]
    public void Options_ManyMistakes_AreToldTogether()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read(new()
        {
            ["Headroom:RateLimits:Polices:a:Limit"] = "1",
            ["Headroom:RateLimits:Global:0"] = "missing",
            ["Headroom:RateLimits:SharedTimeout"] = "00:01:00",
            ["Headroom:RateLimits:Policies:a b:Limit"] = "0",
            ["Headroom:RateLimits:Policies:one:Window"] = "soon",
            ["Headroom:RateLimits:Policies:one:By"] = "Address, Moon",
            ["Headroom:RateLimits:Policies:one:Rate"] = "7",
            ["Headroom:RateLimits:Policies:one:PlanLimits:pro"] = "many",
            ["Headroom:RateLimits:Policies:one:CreateLimiter"] = "x",
            ["Headroom:RateLimits:Policies:two:Shared"] = "true",
            ["Headroom:RateLimits:Policies:two:Algorithm"] = "FixedWindow",
            ["Headroom:RateLimits:Policies:two:Burst"] = "5",
            ["Headroom:RateLimits:Policies:two:PlanLimits:pro"] = "7",
            ["Headroom:RateLimits:Policies:two:MaxPartitions"] = "0",
            ["Headroom:RateLimits:Policies:two:Segments"] = "1",
            ["Headroom:RateLimits:Policies:fast:Limit"] = "1000000000",
            ["Headroom:RateLimits:Policies:text"] = "100/min",
            ["Headroom:RateLimits:Policies:days:Window"] = "60",
            ["Headroom:RateLimits:Policies:hours:Window"] = "24:00:00",
            ["Headroom:RateLimits:Policies:minutes:Window"] = "00:90:00",
            ["Headroom:RateLimits:Policies:number:By"] = "64",
            ["Headroom:RateLimits:Policies:number:Algorithm"] = " 7",
            ["Headroom:RateLimits:Policies:both:By"] = "Address, 64",
            ["Headroom:RateLimits:Policies:both:Algorithm"] = "FixedWindow, SlidingWindow",
            ["Headroom:RateLimits:Policies:fine:By"] = "address , PLAN",
        }));
        string[] expected =
        [
            "'Headroom:RateLimits:Polices' is not a setting; the settings are Enabled, Headers, Policies, Global, PlanClaim, SharedTimeout.",
            "Headroom:RateLimits:Global:0 is 'missing', which is not a policy; the policies are ",
            "Headroom:RateLimits:SharedTimeout is 00:01:00; allowed are 00:00:00.001 to 00:00:10.",
            "Headroom:RateLimits:Policies:a b: the name 'a b' is not allowed; write 1 to 64 of A-Z a-z 0-9 - _ and the dot.",
            "Headroom:RateLimits:Policies:a b:Limit is 0; allowed are 1 to 1000000000.",
            "'Headroom:RateLimits:Policies:one:Window' is 'soon'; write a time as hours:minutes:seconds, for example 00:01:30.",
            "'Headroom:RateLimits:Policies:one:By' is 'Address, Moon'; write one or more of None, Address, ApiKey, User, Route, Plan.",
            "'Headroom:RateLimits:Policies:one:Rate' is not a setting; the settings are Algorithm,",
            "'Headroom:RateLimits:Policies:one:PlanLimits:pro' is 'many'; write a whole number.",
            "'Headroom:RateLimits:Policies:days:Window' is '60', which would be 60 days; write a time as hours:minutes:seconds or days.hours:minutes:seconds, for example 00:05:00 or 1.00:00:00.",
            "'Headroom:RateLimits:Policies:hours:Window' is '24:00:00', which would be 24 days; write a time as ",
            "'Headroom:RateLimits:Policies:minutes:Window' is '00:90:00'; write a time as hours:minutes:seconds, for example 00:01:30.",
            "'Headroom:RateLimits:Policies:both:By' is 'Address, 64'; write one or more of None, Address, ApiKey, User, Route, Plan.",
            "'Headroom:RateLimits:Policies:both:Algorithm' is 'FixedWindow, SlidingWindow'; write one of Gcra, FixedWindow, SlidingWindow, TokenBucket.",
            "'Headroom:RateLimits:Policies:number:By' is '64'; write one or more of None, Address, ApiKey, User, Route, Plan.",
            "'Headroom:RateLimits:Policies:number:Algorithm' is ' 7'; write one of Gcra, FixedWindow, SlidingWindow, TokenBucket.",
            "'Headroom:RateLimits:Policies:one:CreateLimiter' is not a setting;",
            "Headroom:RateLimits:Policies:two:Shared is true, but nothing shares;",
            "Headroom:RateLimits:Policies:two:Shared is true, but only Gcra is shared;",
            "Headroom:RateLimits:Policies:two:Burst has no meaning with FixedWindow;",
            "Headroom:RateLimits:Policies:two:PlanLimits has no meaning without plans; write By: \"Address, Plan\".",
            "Headroom:RateLimits:Policies:two:MaxPartitions is 0; allowed are 1 to 10000000.",
            "Headroom:RateLimits:Policies:two:Segments is 1; allowed are 2 to 1000.",
            "Headroom:RateLimits:Policies:fast:Limit is 1000000000 in 00:01:00; allowed are at most 1000000 a second.",
            "'Headroom:RateLimits:Policies:text' is the text '100/min'; write its settings, each by its name.",
        ];
        Assert.All(expected, each => Assert.Contains(error.Failures, failure => failure.StartsWith(each, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, error.Failures.Count());
    }

    static RateLimitOptions Read(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddHeadroomRateLimits();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<RateLimitOptions>>().Value;
    }
}
