using Headroom.Caching.Distributed;

namespace Headroom.Caching.Tests.Distributed;

public sealed class CircuitBreakerTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void TryEnter_FailuresInARow_OpensAndLetsOneTryAfterItsTime()
    {
        var breaker = new CircuitBreaker(2, TimeSpan.FromSeconds(1), _time);
        Assert.False(breaker.Failed());
        Assert.True(breaker.TryEnter());
        Assert.True(breaker.Failed());
        Assert.False(breaker.TryEnter());

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(breaker.TryEnter());
        Assert.False(breaker.TryEnter());
        Assert.False(breaker.Failed());
        Assert.False(breaker.TryEnter());

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(breaker.TryEnter());
        Assert.True(breaker.Succeeded());
        Assert.True(breaker.TryEnter());
        Assert.False(breaker.IsOpen);
    }

    [Fact]
    public void Succeeded_BetweenFailures_BeginsToCountAnew()
    {
        var breaker = new CircuitBreaker(2, TimeSpan.FromSeconds(1), _time);
        for (var round = 0; round < 5; round++)
        {
            Assert.False(breaker.Failed());
            Assert.False(breaker.Succeeded());
        }

        Assert.True(breaker.TryEnter());
    }

    [Fact]
    public void Left_ByTheOneThatTries_LetsAnotherTry()
    {
        var breaker = new CircuitBreaker(1, TimeSpan.FromSeconds(1), _time);
        breaker.Failed();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(breaker.TryEnter());
        breaker.Left();
        Assert.True(breaker.TryEnter());
    }
}
