namespace Headroom.Gateway.Tests.Conformance;

/// <summary>Where the client's answer has to come from.</summary>
internal enum AnswerFrom
{
    /// <summary>Not part of what the behaviour says.</summary>
    Any,

    /// <summary>The origin made it for this exchange.</summary>
    Forwarded,

    /// <summary>An earlier answer of the origin, and the origin was not asked.</summary>
    Stored,

    /// <summary>An earlier answer of the origin, asked in the background or in vain.</summary>
    StoredThoughAsked,

    /// <summary>An earlier answer of the origin, which confirmed it by 304.</summary>
    Validated,

    /// <summary>Neither stored nor the origin's: the cache's own error.</summary>
    Generated,
}

/// <summary>
/// One row of the table: what the client asks, what the origin would say, what the client must see and what the origin must have seen. Header lines are
/// "Name: value". In those that are sent, <c>{now+60}</c> is the HTTP date 60 s after the moment of sending and <c>{start-60}</c> one 60 s before the case
/// began; <c>{base}</c> is the case's own path and <c>{host}</c> the proxy's authority. In those that are expected, "Name" alone means that it is there,
/// "Name: >=2" and "Name: <2" a number, "Name: ~text" a part of the value.
/// </summary>
internal sealed record Exchange
{
    public string Method { get; init; } = "GET";

    /// <summary>After the case's own path.</summary>
    public string Suffix { get; init; } = "";

    public string? Host { get; init; }

    public IReadOnlyList<string> RequestHeaders { get; init; } = [];

    public string? RequestBody { get; init; }

    public double WaitSeconds { get; init; } = 0.15;

    public int StatusCode { get; init; } = 200;

    public IReadOnlyList<string> ResponseHeaders { get; init; } = [];

    /// <summary>Null makes one that names the exchange.</summary>
    public string? Content { get; init; }

    public IReadOnlyList<string> TrailerLines { get; init; } = [];

    public IReadOnlyList<string> InterimHeads { get; init; } = [];

    public bool WithDate { get; init; } = true;

    /// <summary>Whether the answer says which exchange it was made for; without, a stored header of an earlier one stays.</summary>
    public bool WithMark { get; init; } = true;

    public bool Confirms { get; init; }

    public bool ClosesWithoutAnswer { get; init; }

    /// <summary>Sends no more than so many bytes of the content that it announced, then closes.</summary>
    public int? TruncatesAfter { get; init; }

    public bool SendsChunked { get; init; }

    public AnswerFrom From { get; init; }

    /// <summary>The cache may refuse the request instead.</summary>
    public bool AllowsRefusal { get; init; }

    public int? ExpectedStatus { get; init; }

    public bool ExpectsServerError { get; init; }

    public string? ExpectedContent { get; init; }

    public bool ChecksContent { get; init; } = true;

    public IReadOnlyList<string> ExpectedHeaders { get; init; } = [];

    public IReadOnlyList<string> UnexpectedHeaders { get; init; } = [];

    public IReadOnlyList<int>? ExpectedInterim { get; init; }

    public IReadOnlyList<string> ExpectedTrailers { get; init; } = [];

    public IReadOnlyList<string> ExpectedAtOrigin { get; init; } = [];

    public IReadOnlyList<string> UnexpectedAtOrigin { get; init; } = [];

    public string? ExpectedTargetAtOrigin { get; init; }

    // What the client asks.
    public static Exchange Get(params string[] headers) => new() { RequestHeaders = headers };

    public static Exchange Send(string method, params string[] headers) => new() { Method = method, RequestHeaders = headers };

    public Exchange To(string suffix) => this with { Suffix = suffix };

    public Exchange At(string host) => this with { Host = host };

    public Exchange With(string body) => this with { RequestBody = body };

    public Exchange After(double seconds) => this with { WaitSeconds = seconds };

    // What the origin says, if it is asked.
    public Exchange Answer(params string[] headers) => this with { ResponseHeaders = headers };

    public Exchange Status(int status) => this with { StatusCode = status };

    public Exchange Body(string content) => this with { Content = content };

    public Exchange Confirm(params string[] headers) => this with { Confirms = true, ResponseHeaders = headers };

    public Exchange WithoutDate() => this with { WithDate = false };

    public Exchange WithoutMark() => this with { WithMark = false };

    public Exchange Close() => this with { ClosesWithoutAnswer = true };

    public Exchange Truncate(int bytes) => this with { TruncatesAfter = bytes };

    public Exchange Chunked(params string[] trailers) => this with { SendsChunked = true, TrailerLines = trailers };

    public Exchange Interim(params string[] heads) => this with { InterimHeads = heads };

    // What must come of it.
    public Exchange IsForwarded() => this with { From = AnswerFrom.Forwarded };

    public Exchange IsForwardedOrRefused() => this with { From = AnswerFrom.Forwarded, AllowsRefusal = true };

    public Exchange IsStored() => this with { From = AnswerFrom.Stored };

    public Exchange IsStoredThoughAsked() => this with { From = AnswerFrom.StoredThoughAsked };

    public Exchange IsValidated() => this with { From = AnswerFrom.Validated };

    public Exchange IsServerError() => this with { From = AnswerFrom.Generated, ExpectsServerError = true, ChecksContent = false };

    public Exchange HasStatus(int status) => this with { ExpectedStatus = status };

    public Exchange HasBody(string content) => this with { ExpectedContent = content };

    public Exchange HasAnyBody() => this with { ChecksContent = false };

    public Exchange Has(params string[] headers) => this with { ExpectedHeaders = [.. ExpectedHeaders, .. headers] };

    public Exchange HasNo(params string[] headers) => this with { UnexpectedHeaders = [.. UnexpectedHeaders, .. headers] };

    public Exchange HasInterim(params int[] statuses) => this with { ExpectedInterim = statuses };

    public Exchange HasTrailers(params string[] trailers) => this with { ExpectedTrailers = trailers };

    public Exchange OriginSees(params string[] headers) => this with { ExpectedAtOrigin = [.. ExpectedAtOrigin, .. headers] };

    public Exchange OriginSeesNo(params string[] headers) => this with { UnexpectedAtOrigin = [.. UnexpectedAtOrigin, .. headers] };

    public Exchange OriginSeesTarget(string target) => this with { ExpectedTargetAtOrigin = target };
}
