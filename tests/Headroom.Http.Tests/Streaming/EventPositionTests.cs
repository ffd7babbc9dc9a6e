using Headroom.Http.Streaming;

namespace Headroom.Http.Tests.Streaming;

public sealed class EventPositionTests
{
    [Theory]
    [InlineData(0L)]
    [InlineData(long.MaxValue)]
    [InlineData(null)]
    public void TryParse_OfWhatWasWritten_IsThePosition(long? taken)
    {
        var position = new EventPosition(EventPosition.NewStream(), taken);

        Assert.True(EventPosition.TryParse(position.ToString(), out var read));
        Assert.Equal(position, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("012345678901234567890w")]
    [InlineData("012345678901234567890w.")]
    [InlineData("012345678901234567890w.-1")]
    [InlineData("012345678901234567890w.+1")]
    [InlineData("012345678901234567890w. 1")]
    [InlineData("012345678901234567890w.99999999999999999999")]
    [InlineData("012345678901234567890w.END")]
    [InlineData("012345678901234567890w-end")]
    [InlineData("01234567890123456789/w.end")]
    public void TryParse_OfAnythingElse_IsNot(string? id) => Assert.False(EventPosition.TryParse(id, out _));
}
