using Headroom.Load.Building;
using Headroom.Load.Plans;

namespace Headroom.Load;

/// <summary>
/// A request of a plan that is built in code. Each method changes this builder and returns it; mistakes are told by <see cref="LoadPlanBuilder.Build"/>, all at once.
/// Header values and bodies may hold variables, <c>${name}</c> (docs/plans.md).
/// </summary>
public sealed class RequestBuilder
{
    private readonly string _method;
    private readonly string _path;
    private readonly List<(string Name, string Value)> _headers = [];
    private readonly List<Check> _checks = [];
    private readonly List<Extraction> _extractions = [];
    private readonly Dictionary<string, string> _tags = new(StringComparer.Ordinal);
    private readonly List<Func<PlannedRequest, PlannedRequest>> _changes = [];
    private string? _name;
    private double _weight = 1;
    private TimeSpan? _timeout;
    private RequestBody? _body;

    internal RequestBuilder(string method, string path)
    {
        _method = method.ToUpperInvariant();
        _path = path;
    }

    /// <summary>The row in reports; <c>METHOD /path</c> unless named. Requests that share a name share a row.</summary>
    public RequestBuilder Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _name = name;
        return this;
    }

    /// <summary>Share among the plan's requests and flows, in proportion to the sum of all weights. Above 0, default 1. Without meaning inside a flow.</summary>
    public RequestBuilder Weight(double weight)
    {
        _weight = weight;
        return this;
    }

    /// <summary>Adds a header; it goes before the plan's header of the same name.</summary>
    public RequestBuilder Header(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        _headers.Add((name, value));
        return this;
    }

    /// <summary>
    /// The body as JSON, with <c>Content-Type: application/json</c> unless another is given. Variables in it are escaped as JSON; a text that is
    /// <c>${name | raw}</c> and nothing else stands without quotes.
    /// </summary>
    /// <param name="json">A text is JSON already. Anything else is written as ASP.NET Core would: camelCase names.</param>
    public RequestBuilder Json(object? json)
    {
        _body = RequestBody.OfJson(json);
        return this;
    }

    /// <summary>The body as text, in UTF-8.</summary>
    /// <param name="text">May hold variables, which are put in as they are.</param>
    /// <param name="contentType">Such as <c>text/plain</c>.</param>
    public RequestBuilder Body(string text, string contentType)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        _body = RequestBody.OfText(text, contentType);
        return this;
    }

    /// <summary>The body as bytes, sent as they are.</summary>
    public RequestBuilder Body(ReadOnlyMemory<byte> bytes, string contentType)
    {
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        _body = new RequestBody(bytes, BodyVariables.None, contentType, null);
        return this;
    }

    /// <summary>Instead of the plan's timeout. 1 ms to 1 h.</summary>
    public RequestBuilder Timeout(TimeSpan timeout)
    {
        _timeout = timeout;
        return this;
    }

    /// <summary>A tag by which thresholds can select requests: <c>http_req_duration{area:read}: p(95)&lt;200</c>.</summary>
    public RequestBuilder Tag(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        _tags[name] = value;
        return this;
    }

    /// <summary>A right response has one of these status codes. Without it, responses below 400 are right.</summary>
    public RequestBuilder CheckStatus(params int[] codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        return Check(NamedCheck.Of(ResponsePart.Status, "", CheckOperator.Equals, [.. codes.Select(code => code.ToString(System.Globalization.CultureInfo.InvariantCulture))]));
    }

    /// <summary>A right response has this header, with one of these values; without values, with any.</summary>
    public RequestBuilder CheckHeader(string name, params string[] values) => Check(ResponsePart.Header, name, values);

    /// <summary>A right response is JSON that has a value there (<c>$.items[0].id</c>, RFC 9535), one of these; without values, any but null.</summary>
    public RequestBuilder CheckJson(string query, params string[] values) => Check(ResponsePart.Json, query, values);

    /// <summary>The decoded body of a right response has this text in it.</summary>
    public RequestBuilder CheckBody(string contains)
    {
        ArgumentNullException.ThrowIfNull(contains);
        return Check(NamedCheck.Of(ResponsePart.Body, "", CheckOperator.Contains, [contains]));
    }

    /// <summary>Any other check: sizes, durations, regular expressions.</summary>
    public RequestBuilder Check(Check check)
    {
        ArgumentNullException.ThrowIfNull(check);
        _checks.Add(check);
        return this;
    }

    /// <summary>A value of the JSON response becomes a variable: of a flow's later steps, or of every request when it is extracted in <see cref="LoadPlanBuilder.Setup"/>.</summary>
    /// <param name="variable">Letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="jsonQuery">A query of RFC 9535 that finds one value: <c>$.items[0].id</c>.</param>
    public RequestBuilder Extract(string variable, string jsonQuery) =>
        Extract(new Extraction { Variable = variable, Part = ResponsePart.Json, Selector = jsonQuery });

    /// <summary>Any other extraction: from a header, by a regular expression, with a default.</summary>
    public RequestBuilder Extract(Extraction extraction)
    {
        ArgumentNullException.ThrowIfNull(extraction);
        _extractions.Add(extraction);
        return this;
    }

    /// <summary>Changes what has no method here, such as <see cref="PlannedRequest.EventsMax"/>.</summary>
    public RequestBuilder With(Func<PlannedRequest, PlannedRequest> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _changes.Add(change);
        return this;
    }

    internal RequestBuilder And(Action<RequestBuilder>? configure)
    {
        configure?.Invoke(this);
        return this;
    }

    /// <param name="target">Put before paths; null where there is no usable one.</param>
    /// <param name="commonHeaders">Of every request of the plan.</param>
    /// <param name="problems">What is wrong with it, if anything.</param>
    internal PlannedRequest Build(Uri? target, IEnumerable<(string Name, string Value)> commonHeaders, List<string> problems)
    {
        if (!RequestAddress.TryResolve(_path, target, out var url, out var error))
            problems.Add(error ?? $"'{_path}' is a path, and there is no usable base address; write .BaseAddress(\"http://127.0.0.1:5080\")");
        if (_body?.Mistake is { } mistake)
            problems.Add($"the body of {_name ?? $"{_method} {_path}"} {mistake}");

        var headers = CommonHeaders.Merge(commonHeaders, _headers);
        if (_body is not null && !headers.Exists(header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
            headers.Add(("Content-Type", _body.ContentType));
        url ??= new Uri("http://localhost/");
        var request = new PlannedRequest
        {
            Name = _name ?? RequestAddress.NameOf(_method, url),
            Method = _method,
            Url = url,
            Headers = headers,
            Body = _body?.Bytes ?? ReadOnlyMemory<byte>.Empty,
            BodyVariables = _body?.Variables ?? BodyVariables.None,
            Weight = _weight,
            Checks = [.. _checks],
            Extractions = [.. _extractions],
            Tags = new Dictionary<string, string>(_tags, StringComparer.Ordinal),
            Timeout = _timeout,
        };
        return _changes.Aggregate(request, (changed, change) => change(changed));
    }

    private RequestBuilder Check(ResponsePart part, string selector, string[] values)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(values);
        return Check(NamedCheck.Of(part, selector, values.Length == 0 ? CheckOperator.Exists : CheckOperator.Equals, values));
    }
}
