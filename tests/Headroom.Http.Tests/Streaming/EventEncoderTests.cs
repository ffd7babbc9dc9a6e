using System.Net.ServerSentEvents;
using Headroom.Http.Streaming;

namespace Headroom.Http.Tests.Streaming;

public sealed class EventEncoderTests(ITestOutputHelper output)
{
    public static TheoryData<string> Cases { get; } = [.. EventTable.Rows.Select(row => row.Case)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Encode_OfARowOfTheTable_IsReadAsTheStandardSays(string name)
    {
        var row = EventTable.Rows.Single(each => each.Case == name);

        var read = await ReadAsync(EventEncoder.Encode(row.Event, row.Event.Id));

        // A reader that has just connected knows no earlier id.
        Assert.Equal([row.Expected with { LastEventId = row.Event.Id ?? "" }], read);
    }

    [Fact]
    public async Task Encode_OfTheWholeTable_IsReadAlikeByTwoReaders()
    {
        var bytes = EventTable.Rows.SelectMany(row => EventEncoder.Encode(row.Event, row.Event.Id)).ToArray();

        Assert.Equal(EventTable.Rows.Select(row => row.Expected), await ReadAsync(bytes));
        var framework = new List<(string, string)>();
        await foreach (var item in SseParser.Create(new MemoryStream(bytes)).EnumerateAsync(TestContext.Current.CancellationToken))
            framework.Add((item.EventType, item.Data));
        Assert.Equal(EventTable.Rows.Select(row => (row.Expected.Type, row.Expected.Data)), framework);
    }

    [Fact]
    public async Task Encode_OfRandomTexts_ComesBackWithLineFeedsForAllLineBreaks()
    {
        var seed = Seed.Printed(output);
        var random = new Random(seed);
        const string Letters = "ab :\r\n\0\uFEFF\tdataevntirö漢";
        for (var round = 0; round < 2_000; round++)
        {
            var data = new string(random.GetItems<char>(Letters, random.Next(12)));
            var read = await ReadAsync(EventEncoder.Encode(new ServerSentEvent(data, "t"), "i"));
            var expected = data.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
            Assert.Equal([new ReadEvent("t", expected, "i")], read);
        }
    }

    [Fact]
    public async Task Encode_WithRetry_TellsWholeMilliseconds()
    {
        var reader = new EventSourceReader(new MemoryStream(EventEncoder.Encode(new ServerSentEvent("x") { Retry = TimeSpan.FromSeconds(2.5) }, id: null)));

        Assert.Equal(new ReadEvent("message", "x", ""), await reader.NextAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2500, reader.RetryMs);
    }

    [Fact]
    public async Task Silent_WithIdAndRetry_RaisesNoEventAndIsTakenOver()
    {
        var reader = new EventSourceReader(new MemoryStream([.. EventEncoder.Silent("last", TimeSpan.FromMilliseconds(7)), .. EventEncoder.HeartBeat]));

        Assert.Null(await reader.NextAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("last", 7, 1), (reader.LastEventId, reader.RetryMs, reader.Comments));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("\0")]
    public void Id_ThatReadersWouldEndOrIgnore_IsRefused(string id) =>
        Assert.Throws<ArgumentException>(() => new ServerSentEvent("x") { Id = id });

    [Theory]
    [InlineData("a\nb")]
    [InlineData("\r")]
    public void Event_WithALineBreak_IsRefused(string type) => Assert.Throws<ArgumentException>(() => new ServerSentEvent("x", type));

    [Fact]
    public void Retry_OutOfBounds_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServerSentEvent("x") { Retry = TimeSpan.FromTicks(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServerSentEvent("x") { Retry = TimeSpan.FromDays(2) });
    }

    static async Task<List<ReadEvent>> ReadAsync(byte[] bytes)
    {
        var reader = new EventSourceReader(new MemoryStream(bytes));
        var read = new List<ReadEvent>();
        while (await reader.NextAsync(TestContext.Current.CancellationToken) is { } item)
            read.Add(item);
        return read;
    }
}
