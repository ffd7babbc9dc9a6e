using System.Runtime.CompilerServices;

namespace ReferenceApi.Answers;

/// <summary>
/// Answers questions with sentences from the document collection, found by keywords, after an artificial delay that stands for the
/// language model which a real service would call. The delay is stated in every answer.
/// </summary>
internal sealed class AnswerEngine(KeywordIndex index, TimeProvider time)
{
    public const int ModelDelayMs = 500;

    public const string Note = "The text is taken from the documents as it stands; the delay is artificial and stands for a language model.";

    private const int SentencesPerDocument = 2;
    private const int MostTokens = 40;

    // A second document is quoted only if it fits nearly as well as the first.
    private const double WorthQuoting = 0.6;

    /// <summary>The whole answer, after the delay.</summary>
    public async Task<Answer> AnswerAsync(string question, int sources, CancellationToken cancellationToken)
    {
        var answer = Compose(question, sources);
        await Task.Delay(TimeSpan.FromMilliseconds(ModelDelayMs), time, cancellationToken);
        return answer;
    }

    public Answer Compose(string question, int sources)
    {
        var found = index.Search(question, sources);
        var text = found.Count == 0
            ? "None of the documents mentions that."
            : string.Join(' ', found
                .Where(entry => entry.Score >= found[0].Score * WorthQuoting)
                .SelectMany(entry => BestSentences(entry.Document, question)));
        return new Answer(question, text, [.. found.Select(entry => new AnswerSource(entry.Document.Id, entry.Document.Title, Math.Round(entry.Score, 3)))], ModelDelayMs);
    }

    /// <summary>The answer's text in pieces, with the delay spread over them.</summary>
    public async IAsyncEnumerable<string> StreamAsync(Answer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tokens = Tokens(answer.Text);
        var pause = TimeSpan.FromMilliseconds((double)ModelDelayMs / tokens.Count);
        var startedAt = time.GetTimestamp();
        for (var position = 0; position < tokens.Count; position++)
        {
            // Timers fire late; waiting until the time that is due, not for so long, keeps the whole at the delay that is stated.
            var due = pause * (position + 1) - time.GetElapsedTime(startedAt);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, time, cancellationToken);

            yield return tokens[position];
        }
    }

    /// <summary>Words with the space after them; several a piece when the text is long.</summary>
    internal static IReadOnlyList<string> Tokens(string text)
    {
        var words = text.Split(' ');
        var wordsPerToken = ((words.Length - 1) / MostTokens) + 1;
        return
        [
            .. words
                .Chunk(wordsPerToken)
                .Select((chunk, position) => string.Join(' ', chunk) + ((position + 1) * wordsPerToken < words.Length ? " " : "")),
        ];
    }

    /// <summary>The sentences with the most words of the question, in the order in which they stand.</summary>
    private static IEnumerable<string> BestSentences(Document document, string question)
    {
        var asked = KeywordIndex.Words(question).ToHashSet(StringComparer.Ordinal);
        return document.Text
            .Split(". ", StringSplitOptions.RemoveEmptyEntries)
            .Select((sentence, position) => (Text: sentence.TrimEnd('.') + ".", Position: position, Matches: KeywordIndex.Words(sentence).Count(asked.Contains)))
            .OrderByDescending(sentence => sentence.Matches)
            .ThenBy(sentence => sentence.Position)
            .Take(SentencesPerDocument)
            .OrderBy(sentence => sentence.Position)
            .Select(sentence => sentence.Text);
    }
}
