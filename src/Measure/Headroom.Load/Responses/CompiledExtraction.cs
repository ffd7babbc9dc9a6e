using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Headroom.Load.Plans;
using Headroom.Load.Wire;
using Capture = Headroom.Load.Wire.Capture;

namespace Headroom.Load.Responses;

/// <summary>Finds one value in responses.</summary>
internal sealed class CompiledExtraction
{
    private readonly PartReader _part;
    private readonly Regex? _regex;
    private readonly byte[]? _default;

    /// <param name="plan">Validated.</param>
    /// <param name="slot">Number of the variable that gets the value.</param>
    public CompiledExtraction(Extraction plan, int slot)
    {
        Slot = slot;
        _part = new PartReader(plan.Part, plan.Selector);
        _regex = plan.Regex is { } pattern ? ResponseRegex.Create(pattern) : null;
        _default = plan.Default is { } text ? Encoding.UTF8.GetBytes(text) : null;
    }

    public int Slot { get; }

    public Capture Needs => _part.Needs;

    /// <summary>Writes the value to <paramref name="buffer"/>; false when there is none and no default.</summary>
    public bool TryExtract(ResponseView response, RequestBuffer buffer)
    {
        buffer.Clear();
        if (TryFind(response, buffer))
            return true;
        if (_default is null)
            return false;
        buffer.Clear();
        buffer.Append(_default);
        return true;
    }

    private bool TryFind(ResponseView response, RequestBuffer buffer)
    {
        if (response.Status == 0 || !_part.TryRead(response, buffer))
            return false;
        if (_regex is null)
            return true;
        var match = ResponseRegex.Match(_regex, Encoding.UTF8.GetString(buffer.Written));
        if (match is null)
            return false;
        var group = match.Groups.Count > 1 ? match.Groups[1] : match.Groups[0];
        buffer.Clear();
        Encoding.UTF8.GetBytes(group.ValueSpan, buffer);
        return group.Success;
    }
}

/// <summary>Reads one part of a response as text.</summary>
internal sealed class PartReader
{
    private readonly ResponsePart _part;
    private readonly byte[] _header;
    private readonly JsonQuery? _query;

    public PartReader(ResponsePart part, string selector)
    {
        _part = part;
        _header = part == ResponsePart.Header ? Encoding.ASCII.GetBytes(selector) : [];
        if (part != ResponsePart.Json)
            return;
        if (!JsonQuery.TryParse(selector, out _query, out var error))
            throw new InvalidOperationException($"The plan was validated, and yet: {error}");
    }

    public Capture Needs => _part switch
    {
        ResponsePart.Header => Capture.Head,
        ResponsePart.Body or ResponsePart.Json => Capture.Body,
        _ => Capture.None,
    };

    /// <summary>Appends the part's text; false when the response does not have it. A JSON null is no value.</summary>
    public bool TryRead(ResponseView response, RequestBuffer buffer)
    {
        switch (_part)
        {
            case ResponsePart.Header:
                if (!response.TryFindHeader(_header, out var value))
                    return false;
                buffer.Append(value);
                return true;
            case ResponsePart.Json:
                if (!_query!.TryFind(response.Body(), out var found) || found.Kind == System.Text.Json.JsonTokenType.Null)
                    return false;
                if (found.IsText)
                    found.CopyTextTo(buffer);
                else
                    buffer.Append(found.Raw);
                return true;
            case ResponsePart.Body:
                buffer.Append(response.Body());
                return true;
            case ResponsePart.Status:
                buffer.Append(response.Status);
                return true;
            case ResponsePart.Size:
                buffer.Append(response.SizeBytes);
                return true;
            default:
                buffer.Append((long)response.LatencyMs);
                return true;
        }
    }
}

/// <summary>Regular expressions of a plan, bounded so that a bad one cannot hold up the load.</summary>
internal static class ResponseRegex
{
    /// <summary>Longest search in one response; longer ones count as no match.</summary>
    public static readonly TimeSpan SearchTimeMax = TimeSpan.FromMilliseconds(100);

    public static Regex Create(string pattern) => new(pattern, RegexOptions.CultureInvariant, SearchTimeMax);

    public static Match? Match(Regex regex, string text)
    {
        try
        {
            return regex.Match(text) is { Success: true } match ? match : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
