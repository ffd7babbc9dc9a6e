using System.Globalization;
using System.Text;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>Why a request went on to the origin: <c>fwd</c> of RFC 9211 §2.2.</summary>
internal enum Forwarded : byte
{
    /// <summary>It did not.</summary>
    No,

    /// <summary>The cache does not work for this request.</summary>
    Bypass,

    /// <summary>The method's semantics want it.</summary>
    Method,

    /// <summary>Nothing stored for the URI.</summary>
    UriMiss,

    /// <summary>Something stored for the URI, nothing for these headers.</summary>
    VaryMiss,

    /// <summary>The request's directives.</summary>
    Request,

    /// <summary>What is stored was over.</summary>
    Stale,
}

/// <summary>This cache's member of <c>Cache-Status</c> (RFC 9211).</summary>
internal sealed record CacheStatus
{
    /// <summary>The stored response was the answer.</summary>
    public bool Hit { get; init; }

    public Forwarded Forward { get; init; }

    /// <summary>What the origin answered, where that is not what the client gets.</summary>
    public int? ForwardStatus { get; init; }

    /// <summary>Seconds that the response is still fresh; negative when it is over.</summary>
    public long? Ttl { get; init; }

    public bool Stored { get; init; }

    /// <summary>Another request's answer was shared.</summary>
    public bool Collapsed { get; init; }

    /// <summary>Told when debugging.</summary>
    public string? Key { get; init; }

    /// <summary>Told when debugging: one word.</summary>
    public string? Detail { get; init; }

    /// <summary>The member as it is sent.</summary>
    public string Format(string cache)
    {
        var text = new StringBuilder(cache);
        if (Hit)
            text.Append("; hit");
        else if (Forward != Forwarded.No)
            text.Append("; fwd=").Append(Word(Forward));
        if (ForwardStatus is { } status)
            text.Append("; fwd-status=").Append(status);
        if (Ttl is { } ttl)
            text.Append("; ttl=").Append(ttl.ToString(CultureInfo.InvariantCulture));
        if (Stored)
            text.Append("; stored");
        if (Collapsed)
            text.Append("; collapsed");
        if (Key is not null)
            AppendString(text.Append("; key="), Key);
        if (Detail is not null)
            text.Append("; detail=").Append(Detail);
        return text.ToString();
    }

    static string Word(Forwarded forward) => forward switch
    {
        Forwarded.Bypass => "bypass",
        Forwarded.Method => "method",
        Forwarded.UriMiss => "uri-miss",
        Forwarded.VaryMiss => "vary-miss",
        Forwarded.Request => "request",
        _ => "stale",
    };

    // A string of a structured field has visible ASCII only.
    static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                text.Append('\\').Append(character);
            else
                text.Append(character is >= ' ' and <= '~' ? character : character == '\n' ? '|' : '?');
        }

        text.Append('"');
    }
}
