namespace ReferenceApi.Answers;

/// <summary>An answer with the documents that it was taken from.</summary>
/// <param name="SimulatedModelDelayMs">How long the answer was held back in place of a language model, which would take that long to write it.</param>
internal sealed record Answer(string Question, string Text, IReadOnlyList<AnswerSource> Sources, int SimulatedModelDelayMs);

/// <param name="Score">BM25: comparable within one answer, not between answers.</param>
internal sealed record AnswerSource(string Id, string Title, double Score);

/// <summary>The first event of a stream.</summary>
internal sealed record AnswerStart(string Question, IReadOnlyList<AnswerSource> Sources, int SimulatedModelDelayMs, string Note);

/// <summary>A piece of the answer; the pieces put together are its text.</summary>
internal sealed record AnswerToken(string Text);

/// <summary>The last event of a stream.</summary>
internal sealed record AnswerDone(int Tokens);
