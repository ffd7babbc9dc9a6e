using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>What a <c>Range</c> field asks of a representation (RFC 9110 §14).</summary>
internal enum RangeOutcome : byte
{
    /// <summary>All of it: there is no range, or one that may be disregarded (several, another unit, no syntax, a failed <c>If-Range</c>).</summary>
    Whole,

    /// <summary>206 with the bytes from <see cref="ByteRange.First"/> on.</summary>
    Part,

    /// <summary>416.</summary>
    Unsatisfiable,
}

/// <summary>One range of bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ByteRange(RangeOutcome Outcome, long First = 0, long Length = 0)
{
    const string Unit = "bytes=";

    static readonly ByteRange Whole = new(RangeOutcome.Whole);

    /// <summary>What a request asks for.</summary>
    /// <param name="request">Its headers.</param>
    /// <param name="length">Bytes of the representation.</param>
    /// <param name="tag">Its tag, for <c>If-Range</c>.</param>
    /// <param name="lastModified">Its date, for <c>If-Range</c>.</param>
    public static ByteRange Of(IHeaderDictionary request, long length, string? tag, string? lastModified)
    {
        var range = request.Range;
        if (range.Count != 1 || range[0] is not { } text || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase) || !IfRangeHolds(request.IfRange, tag, lastModified))
            return Whole;
        return Parse(text.AsSpan(Unit.Length), length);
    }

    /// <summary><c>first-last</c>, <c>first-</c> or <c>-suffix</c> (§14.1.2). Several ranges may be answered by the whole (§14.2).</summary>
    public static ByteRange Parse(ReadOnlySpan<char> text, long length)
    {
        text = text.Trim(" \t");
        var dash = text.IndexOf('-');
        if (dash < 0 || text.Contains(','))
            return Whole;
        var hasFirst = Number(text[..dash], out var first);
        var hasLast = Number(text[(dash + 1)..], out var last);
        if ((!hasFirst && dash > 0) || (!hasLast && dash < text.Length - 1) || (!hasFirst && !hasLast) || (hasFirst && hasLast && last < first))
            return Whole;

        if (!hasFirst)
        {
            var suffix = Math.Min(last, length);
            return suffix == 0 ? new ByteRange(RangeOutcome.Unsatisfiable) : new ByteRange(RangeOutcome.Part, length - suffix, suffix);
        }

        if (first >= length)
            return new ByteRange(RangeOutcome.Unsatisfiable);
        return new ByteRange(RangeOutcome.Part, first, (hasLast ? Math.Min(last, length - 1) : length - 1) - first + 1);
    }

    /// <summary>§13.1.5: a strong tag that is the same, or a date that is exactly the same and so strong enough for a cache that has both.</summary>
    static bool IfRangeHolds(StringValues ifRange, string? tag, string? lastModified)
    {
        if (ifRange.Count == 0)
            return true;
        var condition = ifRange.Count == 1 ? ifRange[0] : null;
        return condition is not null && ((EntityTag.IsStrong(condition) && condition == tag) || (lastModified is not null && condition == lastModified));
    }

    static bool Number(ReadOnlySpan<char> digits, out long number) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
