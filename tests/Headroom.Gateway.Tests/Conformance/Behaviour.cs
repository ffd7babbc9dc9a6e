namespace Headroom.Gateway.Tests.Conformance;

internal enum Kind
{
    /// <summary>What a cache must or should do, or must not.</summary>
    Required,

    /// <summary>What a cache may do and a good one does.</summary>
    Optimal,
}

/// <summary>One sentence about an HTTP cache, where it stands, and the exchanges that show whether it holds.</summary>
/// <param name="Group">The part of the table.</param>
/// <param name="Id">Unique in the table.</param>
/// <param name="Kind">Whether a cache must do so.</param>
/// <param name="Source">The RFC and its section.</param>
/// <param name="Sentence">What holds.</param>
/// <param name="Given">The behaviour without which this one says nothing: what is never stored is never reused wrongly either. Null for none.</param>
/// <param name="Exchanges">What shows it.</param>
internal sealed record Behaviour(string Group, string Id, Kind Kind, string Source, string Sentence, string? Given, IReadOnlyList<Exchange> Exchanges);

/// <summary>A group of the table: the behaviours of one section of an RFC.</summary>
internal sealed class BehaviourGroup(string name, string source)
{
    private readonly List<Behaviour> _behaviours = [];
    private string? _given;

    public IReadOnlyList<Behaviour> Behaviours => _behaviours;

    public BehaviourGroup Required(string id, string sentence, params Exchange[] exchanges) => Add(id, Kind.Required, sentence, exchanges);

    public BehaviourGroup Optimal(string id, string sentence, params Exchange[] exchanges) => Add(id, Kind.Optimal, sentence, exchanges);

    /// <summary>What follows says something only where this behaviour holds.</summary>
    public BehaviourGroup Given(string? id)
    {
        _given = id;
        return this;
    }

    public BehaviourGroup ForEach<T>(IEnumerable<T> values, Action<BehaviourGroup, T> add)
    {
        foreach (var value in values)
            add(this, value);
        return this;
    }

    public BehaviourGroup ForEach<T1, T2>(IEnumerable<(T1 First, T2 Second)> values, Action<BehaviourGroup, T1, T2> add) =>
        ForEach(values, (group, value) => add(group, value.First, value.Second));

    public BehaviourGroup ForEach<T1, T2, T3>(IEnumerable<(T1 First, T2 Second, T3 Third)> values, Action<BehaviourGroup, T1, T2, T3> add) =>
        ForEach(values, (group, value) => add(group, value.First, value.Second, value.Third));

    private BehaviourGroup Add(string id, Kind kind, string sentence, Exchange[] exchanges)
    {
        _behaviours.Add(new Behaviour(name, id, kind, source, sentence, _given, exchanges));
        return this;
    }
}
