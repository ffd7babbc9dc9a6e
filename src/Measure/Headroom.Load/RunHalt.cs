namespace Headroom.Load;

/// <summary>Lets whoever finds that a run cannot go on say so; the collector looks.</summary>
internal sealed class RunHalt
{
    private string? _faultyFeeder;
    private string? _endedFeeder;

    /// <summary>A feeder that ran out where the plan calls that an error.</summary>
    public string? FaultyFeeder => Volatile.Read(ref _faultyFeeder);

    /// <summary>A feeder that ran out and thereby ended VUs.</summary>
    public string? EndedFeeder => Volatile.Read(ref _endedFeeder);

    public void FeederEnded(string name, bool isError) =>
        Interlocked.CompareExchange(ref isError ? ref _faultyFeeder : ref _endedFeeder, name, null);
}
