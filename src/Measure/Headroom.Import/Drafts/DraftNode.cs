namespace Headroom.Import.Drafts;

/// <summary>A piece of YAML that can have comments.</summary>
internal abstract record DraftNode
{
    public static implicit operator DraftNode(string text) => new DraftText(text);

    public static implicit operator DraftNode(double number) => new DraftPlain(number.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>A text, quoted where YAML would read something else.</summary>
internal sealed record DraftText(string Text) : DraftNode;

/// <summary>A number, truth value, null, or a word of the plan's own.</summary>
internal sealed record DraftPlain(string Text) : DraftNode;

/// <summary>A comment: a sentence, wrapped where it is long, or a line of YAML that waits to be uncommented.</summary>
internal sealed record DraftComment(string Text, bool IsYaml = false)
{
    public static implicit operator DraftComment(string text) => new(text);
}

/// <summary>A mapping whose keys keep their order.</summary>
internal sealed record DraftMap(bool OneLine = false) : DraftNode
{
    private readonly List<(string Key, DraftNode Value, IReadOnlyList<DraftComment> Comments)> _entries = [];

    public IReadOnlyList<(string Key, DraftNode Value, IReadOnlyList<DraftComment> Comments)> Entries => _entries;

    /// <param name="key">The key.</param>
    /// <param name="value">Its value; null, and a list or mapping of nothing, adds nothing.</param>
    /// <param name="comments">Lines above it.</param>
    public DraftMap Add(string key, DraftNode? value, params IEnumerable<DraftComment> comments)
    {
        if (value is not (null or DraftMap { Entries.Count: 0 } or DraftList { Items.Count: 0 }))
            _entries.Add((key, value, [.. comments]));
        return this;
    }

    /// <summary>The same, for what may be an empty mapping or list: the data of a body.</summary>
    public DraftMap AddData(string key, DraftNode value)
    {
        _entries.Add((key, value, []));
        return this;
    }
}

/// <summary>A list.</summary>
internal sealed record DraftList(bool OneLine = false) : DraftNode
{
    private readonly List<(DraftNode Value, IReadOnlyList<DraftComment> Comments)> _items = [];

    public IReadOnlyList<(DraftNode Value, IReadOnlyList<DraftComment> Comments)> Items => _items;

    /// <summary>Behind the last item.</summary>
    public List<DraftComment> Trailing { get; } = [];

    public DraftList Add(DraftNode value, params IEnumerable<DraftComment> comments)
    {
        _items.Add((value, [.. comments]));
        return this;
    }
}
