namespace EndToEnd;

/// <summary>Tests that measure, or build in the repository itself: one after another, when all others are done.</summary>
[CollectionDefinition(nameof(Measuring), DisableParallelization = true)]
public sealed class Measuring;
