namespace Headroom.Import.Drafts;

/// <summary>A request of a plan being made. Its texts are the plan's: variables are <c>${name}</c>, and what is literal went through <see cref="PlanText.Literal"/>.</summary>
internal sealed class RequestDraft
{
    public string? Name { get; set; }

    public string Method { get; set; } = "GET";

    /// <summary>A path under the plan's target, or a whole address.</summary>
    public required string Url { get; set; }

    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>Sent as JSON.</summary>
    public DraftNode? Json { get; set; }

    /// <summary>Sent as it is.</summary>
    public string? Body { get; set; }

    /// <summary>Sent from this file.</summary>
    public string? BodyFile { get; set; }

    public double? Weight { get; set; }

    /// <summary>Stands in the plan as a comment, and is sent when a person takes it out of there.</summary>
    public bool IsDisabled { get; set; }

    public DraftMap Extract { get; } = new();

    public DraftList Checks { get; } = new();

    public DraftMap Tags { get; } = new();

    public string? Timeout { get; set; }

    /// <summary>Ends an event stream after so many events.</summary>
    public int? EventsMax { get; set; }

    /// <summary>Lines above it.</summary>
    public List<DraftComment> Comments { get; } = [];

    public bool MayChangeData => Method is not ("GET" or "HEAD" or "OPTIONS" or "TRACE");

    /// <param name="statuses">Codes or classes (<c>2xx</c>), one of which a right response has.</param>
    public void CheckStatus(params IReadOnlyList<string> statuses) => Checks.Add(StatusCheck(statuses));

    public static DraftMap StatusCheck(params IReadOnlyList<string> statuses)
    {
        var list = new DraftList(OneLine: true);
        foreach (var status in statuses)
            list.Add(new DraftPlain(status));
        return new DraftMap(OneLine: true).Add("status", statuses.Count == 1 ? list.Items[0].Value : list);
    }

    public DraftNode ToNode()
    {
        var node = new DraftMap();
        if (Name is not null)
            node.Add("name", Name);
        if (Method != "GET")
            node.Add("method", Method);
        node.Add("url", Url);
        if (Weight is { } weight)
            node.Add("weight", weight);
        // One of several of a name says the same as all of them (RFC 9110 §5.3, RFC 6265 §5.4), and a plan has each name once.
        var headers = new DraftMap();
        foreach (var same in Headers.GroupBy(static header => header.Name, StringComparer.OrdinalIgnoreCase))
            headers.Add(same.First().Name, string.Join(same.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", same.Select(static header => header.Value)));
        node.Add("headers", headers);
        if (Json is not null)
            node.AddData("json", Json);
        // An empty one is none: a POST without a body has a length of 0, too.
        if (Body is { Length: > 0 })
            node.Add("body", Body);
        if (BodyFile is not null)
            node.Add("bodyFile", BodyFile);
        node.Add("extract", Extract).Add("checks", Checks).Add("tags", Tags);
        if (Timeout is not null)
            node.Add("timeout", Timeout);
        if (EventsMax is { } events)
            node.Add("events", events);
        return node.Entries is [("url", DraftText only, _)] ? only : node;
    }
}

/// <summary>A flow of a plan being made: requests and pauses.</summary>
internal sealed record FlowDraft(string Name, double? Weight, DraftList Steps, IReadOnlyList<DraftComment> Comments);
