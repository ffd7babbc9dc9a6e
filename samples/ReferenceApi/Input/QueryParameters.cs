using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferenceApi.Paging;

namespace ReferenceApi.Input;

/// <summary>
/// Reads the parameters of a query string and remembers everything that is wrong with them. Each read returns a usable value or the fallback, so a handler reads
/// all of them first and then asks <see cref="Problem"/> once. Parameters that no handler knows are ignored, as HTTP APIs commonly do.
/// </summary>
internal sealed class QueryParameters(IQueryCollection query)
{
    private readonly InputProblem problem = new();
    private readonly HashSet<string> repeated = new(StringComparer.OrdinalIgnoreCase);

    public ValidationProblem? Problem() => problem.Answer();

    /// <summary>Adds what only the handler can tell: that values do not go together.</summary>
    public void Refuse(string name, string message) => problem.Add(name, message);

    /// <summary>A text of 1 to <paramref name="maximumLength"/> characters; null when absent.</summary>
    public string? Text(string name, int maximumLength)
    {
        if (Single(name) is not { } text)
            return null;

        if ((text.Length == 0 ? "Is empty; leave it out or give it a value." : TextRules.Objection(text, maximumLength)) is not { } objection)
            return text;

        problem.Add(name, objection);
        return null;
    }

    /// <summary>As <see cref="Text"/>, but must be there. When it is not, the empty string is returned and <see cref="Problem"/> tells.</summary>
    public string RequiredText(string name, int maximumLength)
    {
        if (query.ContainsKey(name))
            return Text(name, maximumLength) ?? "";

        problem.Add(name, "Is missing.");
        return "";
    }

    /// <summary>A whole number between the bounds, both included.</summary>
    public int Integer(string name, int fallback, int from, int to)
    {
        if (Single(name) is not { } text)
            return fallback;

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to)
            return value;

        problem.Add(name, string.Create(CultureInfo.InvariantCulture, $"'{TextRules.Shown(text)}' is not a whole number from {from} to {to}."));
        return fallback;
    }

    /// <summary>One of the allowed words, compared exactly; null when absent.</summary>
    public string? OneOf(string name, IReadOnlyCollection<string> allowed)
    {
        if (Single(name) is not { } text || allowed.Contains(text, StringComparer.Ordinal))
            return Single(name);

        problem.Add(name, TextRules.OneOfExpected(text, allowed));
        return null;
    }

    /// <summary>The span from <c>since</c> (included) to <c>until</c> (not included); either end may be open.</summary>
    public (DateTimeOffset? Since, DateTimeOffset? Until) Span()
    {
        var (since, until) = (Time("since"), Time("until"));
        if (since >= until)
            problem.Add("until", "Is not after since.");

        return (since, until);
    }

    /// <summary>Where the page begins: after the row that the cursor names, null for the first page.</summary>
    public Cursor? Cursor(string sort)
    {
        if (Single("cursor") is not { } text)
            return null;

        if (Paging.Cursor.TryParse(text, sort, out var cursor, out var objection))
            return cursor;

        problem.Add("cursor", objection);
        return null;
    }

    private DateTimeOffset? Time(string name)
    {
        if (Single(name) is not { } text)
            return null;

        if (TextRules.TryParseTime(text, out var time))
            return time;

        // A plus sign in a query string means a space, so +02:00 arrives without its sign.
        var hint = text.Contains(' ', StringComparison.Ordinal) ? " In an address, write the plus sign of an offset as %2B." : "";
        problem.Add(name, TextRules.TimeExpected(text) + hint);
        return null;
    }

    private string? Single(string name)
    {
        if (!query.TryGetValue(name, out var values))
            return null;

        if (values.Count == 1)
            return values[0];

        // Reported once, however often the parameter is read.
        if (repeated.Add(name))
            problem.Add(name, "Is given more than once.");

        return null;
    }
}
