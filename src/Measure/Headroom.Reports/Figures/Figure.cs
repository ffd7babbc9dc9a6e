using System.Globalization;

namespace Headroom.Reports.Figures;

/// <summary>
/// One way to write every figure, the same on the console, in Markdown and on the page (web/src/numbers/format.ts): three significant
/// digits, never fewer than the integer part, with the unit that keeps the number between 1 and 1,000. Never the user's culture: a report
/// reads the same wherever it was made.
/// </summary>
internal static class Figure
{
    /// <summary>Stands for a figure that the run does not have.</summary>
    public const string Unknown = "–";

    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>1,234 · 123 · 12.3 · 1.23 · 0.123; 0 is "0".</summary>
    public static string Number(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            0 => "0",
            >= 99.95 => Fixed(value, 0),
            >= 9.995 => Fixed(value, 1),
            >= 0.9995 => Fixed(value, 2),
            >= 0.0005 => Fixed(value, 3),
            _ => value > 0 ? "< 0.001" : "> -0.001",
        };
    }

    public static string Count(double value) => Fixed(value, 0);

    /// <summary>Written in µs, ms, s or min.</summary>
    public static string Milliseconds(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            0 => "0 ms",
            < 0.9995 => Number(value * 1000) + " µs",
            < 999.5 => Number(value) + " ms",
            < 119_950 => Number(value / 1000) + " s",
            _ => Number(value / 60_000) + " min",
        };
    }

    public static string Microseconds(double value) => Milliseconds(value / 1000);

    public static string Seconds(double value) => Milliseconds(value * 1000);

    /// <summary>Decimal units, as targets such as <c>rss&lt;100MB</c> mean them.</summary>
    public static string Bytes(double value)
    {
        var unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < ByteUnits.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return $"{(unit == 0 && double.IsInteger(value) ? Count(value) : Number(value))} {ByteUnits[unit]}";
    }

    /// <summary>A share of 0 to 1 in percent; what is nearly none or nearly all is never written as none or all.</summary>
    public static string Percent(double share)
    {
        var value = share * 100;
        return value switch
        {
            > 0 and < 0.0005 => "< 0.001 %",
            >= 99.95 and < 100 => "> 99.9 %",
            _ => Number(value) + " %",
        };
    }

    public static string PerSecond(double value) => Number(value) + " /s";

    /// <summary>A ratio: 8.21×.</summary>
    public static string Times(double value) => Number(value) + "×";

    public static string Instant(DateTimeOffset instant) =>
        instant.ToUniversalTime().ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Fixed(double value, int decimals) =>
        value.ToString(decimals switch { 0 => "#,##0", 1 => "#,##0.0", 2 => "#,##0.00", _ => "#,##0.000" }, CultureInfo.InvariantCulture);
}
