using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>
/// Dates of HTTP fields (RFC 9110 §5.6.7): the fixed form and the two obsolete ones that a recipient must read, nothing else. A cache has to be strict here, because a date that it misreads as a later one
/// keeps a response alive that is over; only the case of letters is let pass.
/// </summary>
internal static class HttpDate
{
    const int FixedLength = 29;

    static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    static readonly string[] Days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    /// <summary>Reads a date.</summary>
    /// <param name="text">The field's value.</param>
    /// <param name="now">Which century a year of two digits is in: more than 50 years ahead is the past one.</param>
    /// <param name="date">What it says, to the second.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        var value = text.AsSpan().Trim(" \t");
        return value.Length >= 24 && (TryFixed(value, out date) || TryRfc850(value, now, out date) || TryAsctime(value, out date));
    }

    public static string Format(DateTimeOffset date) => date.UtcDateTime.ToString("r", CultureInfo.InvariantCulture);

    // Sun, 06 Nov 1994 08:49:37 GMT
    static bool TryFixed(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        return text.Length == FixedLength && IsDay(text[..3], 3) && Is(text[3..5], ", ") && text[7] == ' ' && text[11] == ' ' && text[16] == ' ' && Is(text[25..], " gmt")
            && Number(text[5..7], out var day) && Month(text[8..11], out var month) && Number(text[12..16], out var year) && TryMake(year, month, day, text[17..25], out date);
    }

    // Sunday, 06-Nov-94 08:49:37 GMT
    static bool TryRfc850(ReadOnlySpan<char> text, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        var comma = text.IndexOf(',');
        if (comma < 6 || !IsDay(text[..comma], comma) || text.Length != comma + 24)
            return false;
        var rest = text[(comma + 1)..];
        if (rest[0] != ' ' || rest[3] != '-' || rest[7] != '-' || rest[10] != ' ' || !Is(rest[19..], " gmt"))
            return false;
        if (!Number(rest[1..3], out var day) || !Month(rest[4..7], out var month) || !Number(rest[8..10], out var year))
            return false;
        year += now.Year / 100 * 100;
        if (year > now.Year + 50)
            year -= 100;
        return TryMake(year, month, day, rest[11..19], out date);
    }

    // Sun Nov  6 08:49:37 1994
    static bool TryAsctime(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        return text.Length == 24 && IsDay(text[..3], 3) && text[3] == ' ' && text[7] == ' ' && text[10] == ' ' && text[19] == ' '
            && Month(text[4..7], out var month) && Number(text[8] == ' ' ? text[9..10] : text[8..10], out var day) && Number(text[20..], out var year)
            && TryMake(year, month, day, text[11..19], out date);
    }

    static bool TryMake(int year, int month, int day, ReadOnlySpan<char> time, out DateTimeOffset date)
    {
        date = default;
        if (time[2] != ':' || time[5] != ':' || !Number(time[..2], out var hour) || !Number(time[3..5], out var minute) || !Number(time[6..8], out var second))
            return false;

        // 60 is a leap second.
        if (year < 1 || hour > 23 || minute > 59 || second > 60 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateTimeOffset(year, month, day, hour, minute, Math.Min(second, 59), TimeSpan.Zero);
        return true;
    }

    static bool IsDay(ReadOnlySpan<char> text, int length)
    {
        foreach (var day in Days)
        {
            if ((length == 3 || length == day.Length) && Is(text, day.AsSpan(0, length)))
                return true;
        }

        return false;
    }

    static bool Month(ReadOnlySpan<char> text, out int month)
    {
        for (month = 1; month <= Months.Length; month++)
        {
            if (Is(text, Months[month - 1]))
                return true;
        }

        return false;
    }

    static bool Is(ReadOnlySpan<char> text, ReadOnlySpan<char> expected) => text.Equals(expected, StringComparison.OrdinalIgnoreCase);

    static bool Number(ReadOnlySpan<char> digits, out int number) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
