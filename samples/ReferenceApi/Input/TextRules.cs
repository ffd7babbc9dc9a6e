using System.Globalization;

namespace ReferenceApi.Input;

/// <summary>What holds for every text and time that a request brings, wherever it stands.</summary>
internal static class TextRules
{
    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Why a text cannot be taken, or null. PostgreSQL has no character U+0000, and half a surrogate pair is no character anywhere.</summary>
    public static string? Objection(string text, int maximumLength)
    {
        if (text.Length > maximumLength)
            return string.Create(CultureInfo.InvariantCulture, $"Has {text.Length} characters; at most {maximumLength} are allowed.");

        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\0')
                return "Contains the character U+0000, which cannot be stored.";

            if (char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
                index++;
            else if (char.IsSurrogate(text[index]))
                return "Contains half of a surrogate pair, which is not a character.";
        }

        return null;
    }

    /// <summary>An ISO 8601 date or date and time; without an offset it is UTC.</summary>
    public static bool TryParseTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    public static string TimeExpected(string text) =>
        $"'{Shown(text)}' is not a time; write an ISO 8601 date or date and time, for example 2024-12-31 or 2024-12-31T23:59:00Z.";

    public static string OneOfExpected(string text, IEnumerable<string> allowed) =>
        $"'{Shown(text)}' is not one of {string.Join(", ", allowed)}.";

    /// <summary>What was found, short enough to be repeated in a message.</summary>
    public static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
