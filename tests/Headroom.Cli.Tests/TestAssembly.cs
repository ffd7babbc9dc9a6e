// The command measures; one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
