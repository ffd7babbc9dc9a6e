using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Headroom.Measurements;

namespace Headroom.Load.Plans;

/// <summary>A broken rule of a request or scenario.</summary>
/// <param name="Key">The key of the plan file that it concerns; empty for the whole.</param>
/// <param name="Message">What was found, what is allowed, what to write instead.</param>
internal readonly record struct PlanMistake(string Key, string Message);

/// <summary>The rules that hold for a request wherever it came from.</summary>
internal static class RequestValidation
{
    /// <summary>Longest time that a regular expression may take over one response.</summary>
    public static readonly TimeSpan RegexTimeout = TimeSpan.FromSeconds(1);

    public static IEnumerable<PlanMistake> Check(PlannedRequest request)
    {
        if (!LoadPlanValidation.IsToken(request.Method))
            yield return new("method", $"method '{LoadPlanValidation.Printable(request.Method)}' of request '{request.Name}' is not an HTTP method; write one such as GET or POST");
        if (!request.Url.IsAbsoluteUri || request.Url.Scheme is not ("http" or "https"))
            yield return new("url", $"url '{request.Url.OriginalString}' of request '{request.Name}' must be absolute, http:// or https://");
        else if (UrlTemplate.OriginMistake(request.Url.OriginalString) is { } origin)
            yield return new("url", origin);
        if (!(request.Weight > 0) || !double.IsFinite(request.Weight))
            yield return new("weight", $"weight of request '{request.Name}' is {Quantity.Text(request.Weight)}; it must be above 0");
        if (request.Timeout is { } timeout && (timeout < LoadPlanValidation.TimeoutMin || timeout > LoadPlanValidation.TimeoutMax))
            yield return new("timeout", $"timeout of request '{request.Name}' is {Quantity.Text(timeout)}; allowed is 1ms to 1h");
        if (request.EventsMax < 1)
            yield return new("events", $"events of request '{request.Name}' is {request.EventsMax}; it must be at least 1");
        foreach (var problem in request.Headers.Select(header => LoadPlanValidation.CheckHeader(header.Name, header.Value)).OfType<string>())
            yield return new("headers", problem);
        foreach (var (key, what, text) in Texts(request))
        {
            if (!TextTemplate.TryParse(text, out _, out var error))
                yield return new(key, $"{what} of request '{request.Name}': {error}");
        }

        foreach (var tag in request.Tags.Keys.Where(tag => !TextTemplate.IsName(tag)))
            yield return new("tags", $"tag '{tag}' of request '{request.Name}' cannot be selected by targets; write letters, digits, '_' and '-'");
        foreach (var problem in request.Extractions.Select(MistakeOf).OfType<string>())
            yield return new("extract", problem);
        foreach (var twin in request.Extractions.GroupBy(extraction => extraction.Variable, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return new("extract", $"request '{request.Name}' extracts '{twin.Key}' twice; names must differ");
        foreach (var problem in request.Checks.Select(MistakeOf).OfType<string>())
            yield return new("checks", problem);
    }

    /// <summary>The texts of a request that may hold variables: key, what to call it, text.</summary>
    public static IEnumerable<(string Key, string What, string Text)> Texts(PlannedRequest request)
    {
        yield return ("url", "url", UrlTemplate.PathAndQueryOf(request.Url.OriginalString));
        foreach (var (name, value) in request.Headers)
            yield return ("headers", $"header {name}", value);
        if (request.BodyVariables != BodyVariables.None)
            yield return ("body", "body", Encoding.UTF8.GetString(request.Body.Span));
    }

    /// <summary>What is wrong with an extraction, or null.</summary>
    public static string? MistakeOf(Extraction extraction)
    {
        var name = extraction.Variable;
        if (NameMistake(name) is { } mistake)
            return mistake;
        return extraction.Part switch
        {
            ResponsePart.Header when !LoadPlanValidation.IsToken(extraction.Selector) => $"extraction '{name}' looks for header '{LoadPlanValidation.Printable(extraction.Selector)}', which is not a header's name",
            ResponsePart.Json when !JsonQuery.TryParse(extraction.Selector, out _, out var error) => error,
            ResponsePart.Body when extraction.Regex is null => $"extraction '{name}' takes the whole body; give it a regex",
            ResponsePart.Status or ResponsePart.Size or ResponsePart.Duration => $"extraction '{name}' takes the {extraction.Part.ToString().ToLowerInvariant()}; allowed: header, body, json",
            _ => extraction.Regex is { } regex ? RegexMistake(regex) : null,
        };
    }

    /// <summary>What is wrong with a check, or null.</summary>
    public static string? MistakeOf(Check check)
    {
        if (check.Part == ResponsePart.Header && !LoadPlanValidation.IsToken(check.Selector))
            return $"check '{check.Name}' looks at header '{LoadPlanValidation.Printable(check.Selector)}', which is not a header's name";
        if (check.Part == ResponsePart.Json && !JsonQuery.TryParse(check.Selector, out _, out var error))
            return error;
        if (check.Operator == CheckOperator.Exists)
            return null;
        if (check.Operands.Count == 0)
            return $"check '{check.Name}' compares with nothing; say with what";
        foreach (var operand in check.Operands)
        {
            var isNumber = double.TryParse(operand, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
            if (check.Part == ResponsePart.Status && !IsStatus(operand))
                return $"status is '{operand}'; write a code from 100 to 599 or a class such as 2xx";
            if (check.Operator == CheckOperator.Matches && RegexMistake(operand) is { } mistake)
                return mistake;
            if (check.Operator is CheckOperator.Below or CheckOperator.AtMost or CheckOperator.Above or CheckOperator.AtLeast && !isNumber)
                return $"check '{check.Name}' compares sizes with '{operand}', which is not a number";
            if (check.Part is ResponsePart.Size or ResponsePart.Duration && !isNumber)
                return $"check '{check.Name}' compares a number with '{operand}', which is not one";
        }

        return null;
    }

    /// <summary>What is wrong with the name of a variable or feeder, or null.</summary>
    public static string? NameMistake(string name) =>
        !TextTemplate.IsName(name) ? $"'{name}' cannot name a variable; write letters, digits, '_' and '-', beginning with a letter or '_'"
        : TextTemplate.Reserved.Contains(name) ? $"'{name}' stands for something else already; names that are taken: {string.Join(", ", TextTemplate.Reserved)}"
        : null;

    private static bool IsStatus(string text) =>
        text is [>= '1' and <= '5', _, _] && ((char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2])) || text.AsSpan(1).SequenceEqual("xx"));

    private static string? RegexMistake(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, RegexTimeout);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"regular expression '{pattern}' is not valid: {e.Message}";
        }
    }
}
