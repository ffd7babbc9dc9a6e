namespace Headroom.Load;

/// <summary>One kind of request.</summary>
public sealed record PlannedRequest
{
    /// <summary>The row in the report; <c>METHOD /path</c> unless named. Requests whose urls differ by an id only share a row through it.</summary>
    public required string Name { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>Absolute http or https address. Path and query may hold variables; they are percent-encoded when they are put in.</summary>
    public required Uri Url { get; init; }

    /// <summary>Headers in the order they are sent. Host and User-Agent are made when absent; Content-Length always is. Values may hold variables.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How variables in <see cref="Body"/> are put in.</summary>
    public BodyVariables BodyVariables { get; init; }

    /// <summary>Share among the plan's requests and flows, in proportion to the sum of all weights. Above 0. Without meaning inside a flow.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Values of the response that become variables of the iteration's later requests.</summary>
    public IReadOnlyList<Extraction> Extractions { get; init; } = [];

    /// <summary>What a right response has. Checks are counted; a failed one does not make the request an error.</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];

    /// <summary>Tags by which targets can select requests: <c>http_req_duration{area:read}</c>.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Instead of <see cref="LoadPlan.Timeout"/>. 1 ms to 1 h.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Ends an event stream (text/event-stream) after so many events, as a complete response; null reads it to its end. At least 1.</summary>
    public int? EventsMax { get; init; }
}

/// <summary>How variables in a body are put in.</summary>
public enum BodyVariables
{
    /// <summary>The body is sent as it is.</summary>
    None,

    /// <summary>As they are.</summary>
    Text,

    /// <summary>Escaped to stand inside a JSON string.</summary>
    Json,
}

/// <summary>Where in a response a value is looked for.</summary>
public enum ResponsePart
{
    /// <summary>The status code.</summary>
    Status,

    /// <summary>A header, by its name in any case; the first of several.</summary>
    Header,

    /// <summary>The decoded body as text.</summary>
    Body,

    /// <summary>A value in a JSON body, by a singular query of RFC 9535 (<c>$.items[0].id</c>). Text is unquoted, everything else as JSON.</summary>
    Json,

    /// <summary>The decoded body's size in bytes.</summary>
    Size,

    /// <summary>Latency in milliseconds.</summary>
    Duration,
}

/// <summary>A value of the response that becomes a variable.</summary>
public sealed record Extraction
{
    /// <summary>Name of the variable.</summary>
    public required string Variable { get; init; }

    /// <summary><see cref="ResponsePart.Header"/>, <see cref="ResponsePart.Body"/> (with <see cref="Regex"/>) or <see cref="ResponsePart.Json"/>.</summary>
    public required ResponsePart Part { get; init; }

    /// <summary>Header name or JSON query; empty for the body.</summary>
    public string Selector { get; init; } = "";

    /// <summary>Regular expression whose first group (or whole match, when it has none) is the value; null takes the part as it is.</summary>
    public string? Regex { get; init; }

    /// <summary>The value when nothing is found; null makes that a failed extraction, and the rest of the flow is skipped.</summary>
    public string? Default { get; init; }
}

/// <summary>What a check compares with.</summary>
public enum CheckOperator
{
    /// <summary>The part is there.</summary>
    Exists,
    Equals,
    NotEquals,
    Contains,

    /// <summary>A regular expression matches somewhere in it.</summary>
    Matches,

    /// <summary>A number below the operand.</summary>
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// <summary>Something a right response has.</summary>
public sealed record Check
{
    /// <summary>The row of the report: <c>status is 200</c>.</summary>
    public required string Name { get; init; }

    public required ResponsePart Part { get; init; }

    /// <summary>Header name or JSON query; empty otherwise.</summary>
    public string Selector { get; init; } = "";

    public required CheckOperator Operator { get; init; }

    /// <summary>What is compared with; one of them is enough. For <see cref="ResponsePart.Status"/> also classes, <c>2xx</c>. Empty for <see cref="CheckOperator.Exists"/>.</summary>
    public IReadOnlyList<string> Operands { get; init; } = [];
}
