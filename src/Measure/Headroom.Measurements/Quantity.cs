using System.Buffers;
using System.Globalization;

namespace Headroom.Measurements;

/// <summary>Reads and writes durations (<c>1m30s</c>, <c>250ms</c>), rates (<c>1000/s</c>) and sizes (<c>10KB</c>), whatever the culture. Every program here that takes one uses it.</summary>
public static class Quantity
{
    private static readonly SearchValues<char> NumberLetters = SearchValues.Create("0123456789.");

    /// <summary>Numbers with a unit (ms, s, m, h, d), one after another: k6's and Go's form.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest is "0")
            return true;
        if (rest.IsEmpty)
            return false;
        var total = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberLetters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(NumberLetters);
            var unit = letters < 0 ? rest : rest[..letters];
            var seconds = unit switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => 0.0 };
            if (seconds == 0)
                return false;
            total += number * seconds;
            rest = rest[unit.Length..];
        }

        if (total > TimeSpan.FromDays(3650).TotalSeconds)
            return false;
        duration = TimeSpan.FromSeconds(total);
        return true;
    }

    /// <summary>A number of arrivals per second (<c>1000</c>, <c>1000/s</c>), minute (<c>/m</c>) or hour (<c>/h</c>).</summary>
    public static bool TryParseRate(string text, out double perSecond)
    {
        ArgumentNullException.ThrowIfNull(text);
        perSecond = 0;
        var parts = text.Trim().Split('/');
        if (parts.Length > 2 || !double.TryParse(parts[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        var seconds = parts.Length == 1 ? 1 : parts[1].Trim() switch { "s" => 1.0, "m" => 60, "h" => 3600, _ => 0 };
        perSecond = seconds > 0 ? number / seconds : 0;
        return seconds > 0 && perSecond > 0;
    }

    /// <summary>A number of bytes: <c>10KB</c>. kB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024; a bare number has bytes.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        var rest = text.AsSpan().Trim();
        var digits = rest.IndexOfAnyExcept(NumberLetters);
        var number = digits < 0 ? rest : rest[..digits];
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            return false;
        var unit = digits < 0 ? "B" : rest[digits..].Trim().ToString();
        decimal factor = unit.ToUpperInvariant() switch
        {
            "B" => 1, "KB" => 1e3m, "MB" => 1e6m, "GB" => 1e9m, "KIB" => 1 << 10, "MIB" => 1 << 20, "GIB" => 1 << 30, _ => 0,
        };
        if (factor == 0 || value > long.MaxValue / factor)
            return false;
        bytes = (long)(value * factor);
        return true;
    }

    /// <summary>At most six digits after the point.</summary>
    public static string Text(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>In seconds.</summary>
    public static string Text(TimeSpan time) => time.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture) + "s";
}
