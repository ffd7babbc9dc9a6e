using ReferenceApi.Answers;

namespace ReferenceApi.Tests.Answers;

public sealed class KeywordIndexTests
{
    private static readonly IReadOnlyList<Document> Shipped = Document.LoadAll();
    private static readonly KeywordIndex Index = new(Shipped);

    [Fact]
    public void LoadAll_OfTheShippedDocuments_HasAboutThirtyWithTitleAndText()
    {
        Assert.InRange(Shipped.Count, 30, 40);
        Assert.All(Shipped, document =>
        {
            Assert.DoesNotContain('#', document.Title);
            Assert.InRange(document.Text.Length, 300, 1_200);
        });
    }

    [Theory]
    [InlineData("Why does my cache get a stampede when an entry expires?", "cache-stampede")]
    [InlineData("brotli or gzip for JSON", "brotli-gzip")]
    [InlineData("What is coordinated omission?", "coordinated-omission")]
    [InlineData("page through a long list with a cursor instead of an offset", "keyset-pagination")]
    [InlineData("what does Little's law say", "littles-law")]
    [InlineData("HOW DO I READ A QUERY PLAN", "explain")]
    [InlineData("when does an index hurt writes", "bloat-indexes")]
    [InlineData("token bucket rate limits", "rate-limiting")]
    public void Search_ForAQuestion_FindsTheDocumentThatAnswersIt(string question, string expected) =>
        Assert.Equal(expected, Index.Search(question, 3)[0].Document.Id);

    [Theory]
    [InlineData("")]
    [InlineData("the of and")]
    [InlineData("qwertyuiop 12345")]
    [InlineData("?!…—")]
    public void Search_ForNoWordOfTheCollection_FindsNothing(string question) => Assert.Empty(Index.Search(question, 3));

    [Fact]
    public void Search_OfAKnownCollection_ScoresByTheFormula()
    {
        var index = new KeywordIndex([new("a", "Red", "apple apple pear"), new("b", "Blue", "plum")]);

        var found = Assert.Single(index.Search("apple", 5));

        // Three title words and the text: lengths 6 and 4, mean 5. idf = ln(1 + 1.5/1.5); tf = 2 with length 6.
        var expected = Math.Log(2) * 2 * 2.2 / (2 + (1.2 * (0.25 + (0.75 * 6 / 5))));
        Assert.Equal(expected, found.Score, precision: 12);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("one two three")]
    [InlineData("")]
    public void Tokens_OfAnyText_PutTogetherAreTheText(string text)
    {
        Assert.Equal(text, string.Concat(AnswerEngine.Tokens(text)));
        var long1 = string.Join(' ', Enumerable.Range(0, 500));
        Assert.Equal(long1, string.Concat(AnswerEngine.Tokens(long1)));
        Assert.InRange(AnswerEngine.Tokens(long1).Count, 30, 40);
    }
}
