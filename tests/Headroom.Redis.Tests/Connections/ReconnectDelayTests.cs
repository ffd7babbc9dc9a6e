using Headroom.Redis.Connections;

namespace Headroom.Redis.Tests.Connections;

public sealed class ReconnectDelayTests
{
    [Fact]
    public void After_MoreAndMoreFailures_DoublesUpToTheMostWithJitterOfHalf()
    {
        var delay = new ReconnectDelay(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), new Random(1));
        for (var failures = 1; failures < 100; failures++)
        {
            var ceiling = Math.Min(50 * Math.Pow(2, failures - 1), 2000);
            Assert.InRange(delay.After(failures).TotalMilliseconds, ceiling / 2, ceiling);
        }

        var drawn = Enumerable.Range(0, 1000).Select(_ => delay.After(20).TotalMilliseconds).ToArray();
        Assert.InRange(drawn.Average(), 1450, 1550);
        Assert.True(drawn.Max() - drawn.Min() > 900);
    }
}
