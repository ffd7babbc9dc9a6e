using System.Text;
using Headroom.Load.Flows;
using Headroom.Load.Plans;

namespace Headroom.Load.Wire;

/// <summary>How a value is written where it stands.</summary>
internal enum ValueEncoding : byte
{
    Raw,
    Url,
    Json,
    Base64,
    Header,

    /// <summary>Raw, in a request's target.</summary>
    RawTarget,

    /// <summary>Escaped for JSON, in a request's target.</summary>
    JsonTarget,
}

/// <summary>A request whose text holds variables, cut into the parts that never change, encoded once, and those that do.</summary>
internal sealed class RequestTemplate
{
    private readonly record struct Segment(byte[] Literal, bool IsVariable, VariableSource Source, ValueEncoding Encoding);

    private readonly Segment[] _head;
    private readonly Segment[] _body;
    private readonly bool _hasLength;

    private RequestTemplate(Segment[] head, Segment[] body, bool hasLength)
    {
        _head = head;
        _body = body;
        _hasLength = hasLength;
    }

    /// <summary>Null when the request has no variables.</summary>
    /// <param name="request">Validated.</param>
    /// <param name="variables">Numbers the variables.</param>
    /// <param name="always">Make one even without variables, for a request that gets cookies.</param>
    public static RequestTemplate? Compile(PlannedRequest request, VariableTable variables, bool always)
    {
        var target = ParseTarget(request.Url);
        var body = request.BodyVariables == BodyVariables.None ? null : Encoding.UTF8.GetString(request.Body.Span);
        if (!always && !target.HasVariables && !IsTemplate(body) && !request.Headers.Any(header => IsTemplate(header.Value)))
            return null;

        var head = new List<Segment>();
        Add(head, request.Method + " ");
        Add(head, target, ValueEncoding.Url, Encoding.ASCII, variables);
        Add(head, " HTTP/1.1\r\n" + RequestImage.ImpliedHeaders(request));
        foreach (var (name, value) in request.Headers)
        {
            Add(head, name + ": ");
            Add(head, Parse(value), ValueEncoding.Header, Encoding.Latin1, variables);
            Add(head, "\r\n");
        }

        var bodySegments = new List<Segment>();
        if (body is null)
            bodySegments.Add(new Segment(request.Body.ToArray(), false, default, default));
        else
            Add(bodySegments, Parse(body), request.BodyVariables == BodyVariables.Json ? ValueEncoding.Json : ValueEncoding.Raw, Encoding.UTF8, variables);
        return new RequestTemplate([.. head], [.. bodySegments], RequestImage.HasLength(request));
    }

    /// <summary>Writes the whole request.</summary>
    /// <param name="values">The VU's variables.</param>
    /// <param name="random">The VU's numbers.</param>
    /// <param name="cookies">Value of the Cookie header; empty sends none.</param>
    /// <param name="buffer">Receives the request.</param>
    /// <param name="scratch">Holds the body until its length is known.</param>
    public void Render(VariableValues values, ref SeededRandom random, string cookies, RequestBuffer buffer, RequestBuffer scratch)
    {
        buffer.Clear();
        Write(_head, values, ref random, buffer);
        if (cookies.Length > 0)
        {
            buffer.Append("Cookie: "u8);
            buffer.AppendHeaderValue(Encoding.Latin1.GetBytes(cookies));
            buffer.Append("\r\n"u8);
        }

        if (_hasLength)
        {
            scratch.Clear();
            Write(_body, values, ref random, scratch);
            buffer.Append("Content-Length: "u8);
            buffer.Append(scratch.Length);
            buffer.Append("\r\n\r\n"u8);
            buffer.Append(scratch.Written);
        }
        else
        {
            buffer.Append("\r\n"u8);
        }
    }

    /// <summary>Has variables, or escapes that stand for their opening.</summary>
    private static bool IsTemplate(string? text) => text?.Contains("${", StringComparison.Ordinal) == true;

    private static void Write(Segment[] segments, VariableValues values, ref SeededRandom random, RequestBuffer buffer)
    {
        foreach (ref readonly var segment in segments.AsSpan())
        {
            if (segment.IsVariable)
                values.Write(segment.Source, segment.Encoding, ref random, buffer);
            else
                buffer.Append(segment.Literal);
        }
    }

    /// <summary>Path and query: what stands between variables is escaped as <see cref="Uri"/> does, the variables themselves not at all.</summary>
    public static TextTemplate ParseTarget(Uri url)
    {
        var text = url.OriginalString;
        if (!text.Contains("${", StringComparison.Ordinal))
            return Parse(TextTemplate.Escape(url.PathAndQuery));
        var template = Parse(text);

        // Variables are replaced by words that no escaping touches, and found again afterwards.
        const string Mark = "hdrmvar";
        var marked = new StringBuilder();
        var variables = new List<TemplatePart>();
        foreach (var part in template.Parts)
        {
            marked.Append(part.Literal);
            if (part.Literal is null)
            {
                marked.Append(Mark).Append(variables.Count).Append('x');
                variables.Add(part);
            }
        }

        var target = TextTemplate.Escape(new Uri(marked.ToString()).PathAndQuery);
        for (var i = 0; i < variables.Count; i++)
            target = target.Replace($"{Mark}{i}x", TextOf(variables[i]), StringComparison.Ordinal);
        return Parse(target);
    }

    private static string TextOf(TemplatePart part)
    {
        var name = part.Kind switch
        {
            TemplateVariable.Named => part.Name,
            TemplateVariable.Random => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"random({part.Min},{part.Max})"),
            _ => part.Kind.ToString().ToLowerInvariant(),
        };
        return part.Filter == ValueFilter.Default ? $"${{{name}}}" : $"${{{name} | {part.Filter.ToString().ToLowerInvariant()}}}";
    }

    private static TextTemplate Parse(string text) =>
        TextTemplate.TryParse(text, out var template, out var error) ? template! : throw new InvalidOperationException($"The plan was validated, and yet: {error}");

    private static void Add(List<Segment> segments, string literal) =>
        segments.Add(new Segment(Encoding.Latin1.GetBytes(literal), false, default, default));

    private static void Add(List<Segment> segments, TextTemplate template, ValueEncoding encoding, Encoding literals, VariableTable variables)
    {
        foreach (var part in template.Parts)
        {
            segments.Add(part.Literal is { } literal
                ? new Segment(literals.GetBytes(literal), false, default, default)
                : new Segment([], true, variables.SourceOf(part), Encode(part.Filter, encoding)));
        }
    }

    private static ValueEncoding Encode(ValueFilter filter, ValueEncoding usual) => filter switch
    {
        // Not even on request does a header's value get a line break, nor a target what would end it.
        ValueFilter.Raw => usual switch { ValueEncoding.Header => ValueEncoding.Header, ValueEncoding.Url => ValueEncoding.RawTarget, _ => ValueEncoding.Raw },
        ValueFilter.Url => ValueEncoding.Url,
        ValueFilter.Json => usual switch { ValueEncoding.Header => ValueEncoding.Header, ValueEncoding.Url => ValueEncoding.JsonTarget, _ => ValueEncoding.Json },
        ValueFilter.Base64 => ValueEncoding.Base64,
        _ => usual,
    };
}
