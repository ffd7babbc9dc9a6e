using System.Text;

namespace ReferenceApi.Answers;

/// <summary>
/// Ranks documents for a question by BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009): a word counts
/// the more the rarer it is in the collection and the more often it stands in the document, with diminishing return, measured against the document's length.
/// </summary>
internal sealed class KeywordIndex
{
    // The usual values: how fast repetition stops counting, and how much length matters.
    private const double Saturation = 1.2;
    private const double LengthWeight = 0.75;

    // A word of the title says more about a document than one of its text.
    private const int TitleWeight = 3;

    private static readonly HashSet<string> StopWords = new(StringComparer.Ordinal)
    {
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have", "how", "i", "if", "in", "is", "it", "its", "me", "my",
        "of", "on", "or", "should", "so", "that", "the", "then", "there", "this", "to", "was", "we", "what", "when", "where", "which", "why", "will", "with", "you",
    };

    private readonly IReadOnlyList<Document> documents;
    private readonly Dictionary<string, List<Posting>> postings = new(StringComparer.Ordinal);
    private readonly int[] lengths;
    private readonly double meanLength;

    public KeywordIndex(IReadOnlyList<Document> documents)
    {
        this.documents = documents;
        lengths = new int[documents.Count];
        for (var index = 0; index < documents.Count; index++)
        {
            var words = Enumerable.Repeat(documents[index].Title, TitleWeight).Append(documents[index].Text).SelectMany(Words).ToList();
            lengths[index] = words.Count;
            foreach (var (word, count) in words.CountBy(word => word, StringComparer.Ordinal))
            {
                if (!postings.TryGetValue(word, out var list))
                    postings.Add(word, list = []);

                list.Add(new Posting(index, count));
            }
        }

        meanLength = lengths.Average();
    }

    /// <summary>The best documents, the best first; none when no word of the question occurs.</summary>
    public IReadOnlyList<(Document Document, double Score)> Search(string question, int most)
    {
        var scores = new Dictionary<int, double>();
        foreach (var word in Words(question).Distinct(StringComparer.Ordinal))
        {
            if (!postings.TryGetValue(word, out var list))
                continue;

            var rarity = Math.Log(1 + ((documents.Count - list.Count + 0.5) / (list.Count + 0.5)));
            foreach (var (document, count) in list)
            {
                var length = 1 - LengthWeight + (LengthWeight * lengths[document] / meanLength);
                scores[document] = scores.GetValueOrDefault(document) + (rarity * count * (Saturation + 1) / (count + (Saturation * length)));
            }
        }

        return
        [
            .. scores
                .OrderByDescending(entry => entry.Value)
                .ThenBy(entry => documents[entry.Key].Id, StringComparer.Ordinal)
                .Take(most)
                .Select(entry => (documents[entry.Key], entry.Value)),
        ];
    }

    /// <summary>The words that count, in lower case and without a plural's s.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var letter in text)
        {
            if (char.IsLetterOrDigit(letter))
            {
                word.Append(char.ToLowerInvariant(letter));
                continue;
            }

            if (Take(word) is { } complete)
                yield return complete;
        }

        if (Take(word) is { } last)
            yield return last;
    }

    private static string? Take(StringBuilder word)
    {
        if (word.Length == 0)
            return null;

        var text = word.ToString();
        word.Clear();
        if (StopWords.Contains(text))
            return null;

        return text.Length > 3 && text.EndsWith('s') && !text.EndsWith("ss", StringComparison.Ordinal) ? text[..^1] : text;
    }

    private sealed record Posting(int Document, int Count);
}
