using System.Globalization;
using System.Text.Json;

namespace ReferenceApi.Input;

/// <summary>
/// Reads the members of a JSON object and remembers everything that is wrong with them, as <see cref="QueryParameters"/> does for a query string.
/// </summary>
/// <param name="prefix">Where the object stands in the body, for the field names of the problem: <c>points[3].</c>.</param>
internal readonly struct JsonFields(JsonElement element, InputProblem problem, string prefix = "")
{
    /// <summary>A required text of 1 to <paramref name="maximumLength"/> characters that are not all white space; empty when it is wrong.</summary>
    public string Text(string name, int maximumLength)
    {
        if (!TryGet(name, out var value))
        {
            problem.Add(prefix + name, "Is missing.");
            return "";
        }

        return TextOf(value, name, maximumLength);
    }

    /// <summary>As <see cref="Text"/>, but may be left out or null.</summary>
    public string? OptionalText(string name, int maximumLength) =>
        TryGet(name, out var value) ? TextOf(value, name, maximumLength) : null;

    /// <summary>One of the allowed words. Without a fallback it must be there.</summary>
    public string OneOf(string name, IReadOnlyCollection<string> allowed, string? fallback = null)
    {
        if (!TryGet(name, out var value))
        {
            if (fallback is null)
                problem.Add(prefix + name, $"Is missing; write one of {string.Join(", ", allowed)}.");

            return fallback ?? "";
        }

        if (value.ValueKind == JsonValueKind.String && StringOf(value) is { } text)
        {
            if (allowed.Contains(text, StringComparer.Ordinal))
                return text;

            problem.Add(prefix + name, TextRules.OneOfExpected(text, allowed));
            return "";
        }

        problem.Add(prefix + name, $"Is {JsonBody.Name(value.ValueKind)}; write one of {string.Join(", ", allowed)}.");
        return "";
    }

    /// <summary>A whole number between the bounds, both included. Without a fallback it must be there.</summary>
    public long Integer(string name, long from, long to, long? fallback = null)
    {
        if (!TryGet(name, out var value))
        {
            if (fallback is null)
                problem.Add(prefix + name, "Is missing.");

            return fallback ?? from;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= from && number <= to)
            return number;

        problem.Add(prefix + name, string.Create(CultureInfo.InvariantCulture, $"Is not a whole number from {from} to {to}."));
        return from;
    }

    /// <summary>A required number between the bounds, both included.</summary>
    public double Number(string name, double from, double to)
    {
        if (!TryGet(name, out var value))
        {
            problem.Add(prefix + name, "Is missing.");
            return from;
        }

        // A literal such as 1e999 reads as infinity, which the bounds refuse.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= from && number <= to)
            return number;

        problem.Add(prefix + name, string.Create(CultureInfo.InvariantCulture, $"Is not a number from {from} to {to}."));
        return from;
    }

    /// <summary>A time; the fallback when it is left out.</summary>
    public DateTimeOffset Time(string name, DateTimeOffset fallback)
    {
        if (!TryGet(name, out var value))
            return fallback;

        var text = value.ValueKind == JsonValueKind.String ? StringOf(value) : null;
        if (text is not null && TextRules.TryParseTime(text, out var time))
            return time;

        problem.Add(prefix + name, text is null ? $"Is {JsonBody.Name(value.ValueKind)}; write an ISO 8601 time in a string." : TextRules.TimeExpected(text));
        return fallback;
    }

    /// <summary>An array of at most <paramref name="most"/> elements; empty when it is wrong or, unless required, left out.</summary>
    public IReadOnlyList<JsonElement> Array(string name, int fewest, int most)
    {
        if (!TryGet(name, out var value))
        {
            if (fewest > 0)
                problem.Add(prefix + name, "Is missing.");

            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            problem.Add(prefix + name, $"Is {JsonBody.Name(value.ValueKind)}; write an array.");
            return [];
        }

        var length = value.GetArrayLength();
        if (length >= fewest && length <= most)
            return [.. value.EnumerateArray()];

        problem.Add(prefix + name, string.Create(CultureInfo.InvariantCulture, $"Has {length} elements; {fewest} to {most} are allowed."));
        return [];
    }

    /// <summary>An element of an array that must be a text of 1 to <paramref name="maximumLength"/> characters.</summary>
    public string TextOf(JsonElement value, string name, int maximumLength)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            problem.Add(prefix + name, $"Is {JsonBody.Name(value.ValueKind)}; write a string.");
            return "";
        }

        var text = StringOf(value);
        var objection = text is null ? "Is not valid Unicode."
            : string.IsNullOrWhiteSpace(text) ? "Is empty."
            : TextRules.Objection(text, maximumLength);
        if (objection is null)
            return text!;

        problem.Add(prefix + name, objection);
        return "";
    }

    /// <summary>The text, or null when its bytes are not UTF-8 or its escapes spell half of a surrogate pair.</summary>
    private static string? StringOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private bool TryGet(string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
