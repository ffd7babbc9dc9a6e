// Runs measure times and whole-process memory: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
