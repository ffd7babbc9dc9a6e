using ReferenceApi.Data.DataSets;
using ReferenceApi.Paging;

namespace ReferenceApi.Tests.Paging;

public sealed class CursorTests
{
    [Theory]
    [InlineData("name", "Łukasz\nO'Neill \\ \" 👋", 1)]
    [InlineData("-name", "", 0)]
    [InlineData("createdAt", "-62135596800000", long.MaxValue)]
    [InlineData("-lastSeenAt", "9223372036854775807", 1)]
    public void TryParse_OfAWordThatWasWritten_GivesTheSameCursor(string sort, string key, long id)
    {
        var cursor = new Cursor(sort, key, id);

        Assert.Matches("^[A-Za-z0-9_-]+$", cursor.ToString());
        Assert.True(Cursor.TryParse(cursor.ToString(), sort, out var parsed, out _));
        Assert.Equal(cursor, parsed);
    }

    [Fact]
    public void TryParse_OfAnythingElse_RefusesWithoutThrowing()
    {
        var seed = (ulong)Random.Shared.NextInt64();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new SeededRandom(seed, "cursors");
        var genuine = Cursor.Of("-createdAt", 1_700_000_000_000, 17).ToString();
        for (var round = 0; round < 20_000; round++)
        {
            var letters = genuine.ToCharArray();
            for (var change = random.Between(1, 4); change > 0; change--)
                letters[random.Next(letters.Length)] = (char)random.Between(32, 300);

            var word = new string(letters, 0, random.Between(0, letters.Length));
            if (!Cursor.TryParse(word, "-createdAt", out var cursor, out var objection))
            {
                Assert.NotEmpty(objection);
                continue;
            }

            // What is taken can be used: a key that is a number and an id that is not negative.
            _ = cursor.NumericKey;
            Assert.True(cursor.Id >= 0, $"seed {seed}");
        }
    }
}
