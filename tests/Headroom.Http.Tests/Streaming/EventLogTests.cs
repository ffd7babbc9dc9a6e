using Headroom.Http.Streaming;

namespace Headroom.Http.Tests.Streaming;

public sealed class EventLogTests(ITestOutputHelper output)
{
    [Fact]
    public void Add_AndEvict_InAnyOrder_KeepsWhatAListWould()
    {
        var random = new Random(Seed.Printed(output));
        for (var round = 0; round < 200; round++)
        {
            var (maxEvents, maxBytes) = (random.Next(1, 40), random.Next(1, 200));
            var log = new EventLog(maxEvents, maxBytes);
            var model = new Queue<(long Number, byte[] Bytes)>();
            for (long number = 0; number < 300; number++)
            {
                var added = new byte[random.Next(0, 30)];
                while (!log.HasRoomFor(added.Length))
                {
                    Assert.True(model.Count == maxEvents || model.Sum(each => each.Bytes.Length) + added.Length > maxBytes);
                    log.EvictOldest();
                    model.Dequeue();
                }

                log.Add(added, $"id{number}");
                model.Enqueue((number, added));
                Assert.Equal((model.Peek().Number, number + 1), (log.First, log.Next));
                Assert.All(model, each => Assert.True(log[each.Number].Equals(each.Bytes)));
                Assert.Equal(number + 1, log.After($"id{number}"));
            }

            Assert.Null(log.After("id0"));
        }
    }

    [Fact]
    public void HasRoomFor_AnythingWhenEmpty_IsTrue() => Assert.True(new EventLog(1, 1).HasRoomFor(1_000_000));
}
