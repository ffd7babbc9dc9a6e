using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Headroom.Load.Plans;

/// <summary>How a variable's value is put in. <see cref="Default"/> is what the place asks for: urls are percent-encoded, JSON strings escaped, other text left.</summary>
internal enum ValueFilter : byte
{
    Default,
    Raw,
    Url,
    Json,
    Base64,
}

/// <summary>Where a variable's value comes from.</summary>
internal enum TemplateVariable : byte
{
    /// <summary>A variable of the plan, an extraction or a feeder's column.</summary>
    Named,

    /// <summary>Number of the VU, from 1.</summary>
    Vu,

    /// <summary>Number of this VU's iteration, from 0.</summary>
    Iteration,

    /// <summary>A random UUID (RFC 9562, version 4).</summary>
    Uuid,

    /// <summary>Milliseconds since 1970-01-01T00:00Z.</summary>
    Timestamp,

    /// <summary>A whole number from Min to Max, both included.</summary>
    Random,
}

/// <summary>A stretch of a template.</summary>
/// <param name="Literal">Text as it is; null for a variable.</param>
/// <param name="Kind">Of a variable only.</param>
/// <param name="Name">Of <see cref="TemplateVariable.Named"/>: <c>token</c> or <c>users.email</c>; empty otherwise.</param>
/// <param name="Min">Of <see cref="TemplateVariable.Random"/>.</param>
/// <param name="Max">Of <see cref="TemplateVariable.Random"/>.</param>
/// <param name="Filter">How the value is put in.</param>
internal readonly record struct TemplatePart(string? Literal, TemplateVariable Kind, string Name, long Min, long Max, ValueFilter Filter)
{
    /// <summary>A variable as it is written.</summary>
    public string ToVariableText()
    {
        var name = Kind switch
        {
            TemplateVariable.Named => Name,
            TemplateVariable.Random => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"random({Min},{Max})"),
            _ => Kind.ToString().ToLowerInvariant(),
        };
        return Filter == ValueFilter.Default ? $"${{{name}}}" : $"${{{name} | {Filter.ToString().ToLowerInvariant()}}}";
    }
}

/// <summary>
/// Text with variables: <c>${name}</c>, <c>${feeder.column}</c>, <c>${name | filter}</c>, the built-ins <c>${vu}</c>, <c>${iteration}</c>, <c>${uuid}</c>,
/// <c>${timestamp}</c> and <c>${random(1,100)}</c>. <c>$${</c> stands for <c>${</c>, and <c>${$}</c> for a dollar sign wherever it stands.
/// </summary>
internal sealed class TextTemplate
{
    /// <summary>Names that cannot be given to a value, because they stand for something else.</summary>
    public static readonly string[] Reserved = ["vu", "iteration", "uuid", "timestamp", "random", "env"];

    private static readonly string[] Filters = ["raw", "url", "json", "base64"];

    private TextTemplate(List<TemplatePart> parts) => Parts = parts;

    public IReadOnlyList<TemplatePart> Parts { get; }

    public bool HasVariables => Parts.Any(part => part.Literal is null);

    /// <summary>The text of a template without variables; of one with variables, what stands between them.</summary>
    public string ConstantText => string.Concat(Parts.Select(part => part.Literal));

    /// <summary>Names that need a value from the plan, in their order; built-ins are not among them.</summary>
    public IEnumerable<string> VariableNames =>
        Parts.Where(part => part is { Literal: null, Kind: TemplateVariable.Named }).Select(part => part.Name);

    public static bool TryParse(string text, [NotNullWhen(true)] out TextTemplate? template, [NotNullWhen(false)] out string? error)
    {
        template = null;
        error = null;
        var parts = new List<TemplatePart>();
        var literal = new StringBuilder();
        var position = 0;
        while (position < text.Length)
        {
            var rest = text.AsSpan(position);
            if (rest.StartsWith("$${", StringComparison.Ordinal))
            {
                literal.Append("${");
                position += 3;
            }
            else if (rest.StartsWith("${$}", StringComparison.Ordinal))
            {
                literal.Append('$');
                position += 4;
            }
            else if (rest.StartsWith("${", StringComparison.Ordinal))
            {
                var end = text.IndexOf('}', position);
                if (end < 0)
                {
                    error = $"'{text[position..]}' has no closing brace; write ${{name}}, or $${{ for the two characters themselves";
                    return false;
                }

                if (!TryParseVariable(text[(position + 2)..end], out var part, out error))
                    return false;
                AddLiteral(parts, literal);
                parts.Add(part);
                position = end + 1;
            }
            else
            {
                literal.Append(rest[0]);
                position++;
            }
        }

        AddLiteral(parts, literal);
        template = new TextTemplate(parts);
        return true;
    }

    /// <summary>A template whose text is <paramref name="text"/>, whatever stands before or after it.</summary>
    public static string Escape(string text) =>
        text.Contains("${", StringComparison.Ordinal) || text.EndsWith('$') ? text.Replace("$", "${$}", StringComparison.Ordinal) : text;

    /// <summary>What a variable may be called: letters, digits, underscores and hyphens, not beginning with a digit or hyphen.</summary>
    public static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || char.IsAsciiDigit(text[0]) || text[0] == '-')
            return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '-'))
                return false;
        }

        return true;
    }

    private static void AddLiteral(List<TemplatePart> parts, StringBuilder literal)
    {
        if (literal.Length == 0)
            return;
        parts.Add(new TemplatePart(literal.ToString(), default, "", 0, 0, default));
        literal.Clear();
    }

    private static bool TryParseVariable(string text, out TemplatePart part, [NotNullWhen(false)] out string? error)
    {
        part = default;
        error = null;
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        var name = (bar < 0 ? text : text[..bar]).Trim();
        var filter = ValueFilter.Default;
        if (bar >= 0)
        {
            var word = text[(bar + 1)..].Trim();
            var index = Array.IndexOf(Filters, word);
            if (index < 0)
            {
                error = $"'{word}' in '${{{text}}}' is not a filter; allowed: {string.Join(", ", Filters)}";
                return false;
            }

            filter = (ValueFilter)(index + 1);
        }

        if (name.StartsWith("random", StringComparison.Ordinal) && name.AsSpan(6).TrimStart() is ['(', .. var bounds, ')'])
            return TryParseRandom(text, bounds, filter, out part, out error);
        var kind = name switch
        {
            "vu" => TemplateVariable.Vu,
            "iteration" => TemplateVariable.Iteration,
            "uuid" => TemplateVariable.Uuid,
            "timestamp" => TemplateVariable.Timestamp,
            _ => TemplateVariable.Named,
        };
        error = kind == TemplateVariable.Named ? ErrorOf(name, text) : null;
        part = new TemplatePart(null, kind, kind == TemplateVariable.Named ? name : "", 0, 0, filter);
        return error is null;
    }

    private static string? ErrorOf(string name, string text)
    {
        if (name.Length == 0)
            return "'${}' names no variable; write ${name}, or $${ for the two characters themselves";
        if (name == "random")
            return "'${random}' has no bounds; write ${random(1,100)}";
        if (name.StartsWith("env.", StringComparison.Ordinal))
            return $"'${{{text}}}' is read with a plan file only; put the value itself here";
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        // Columns are called what the table's header row says; only what ends a variable cannot be in them.
        var fine = dot < 0 ? IsName(name) : IsName(name.AsSpan(0, dot)) && dot + 1 < name.Length;
        return fine ? null : $"'{name}' cannot name a variable; allowed are letters, digits, '_' and '-', and feeder.column";
    }

    private static bool TryParseRandom(string text, ReadOnlySpan<char> bounds, ValueFilter filter, out TemplatePart part, [NotNullWhen(false)] out string? error)
    {
        part = default;
        error = null;
        var comma = bounds.IndexOf(',');
        if (comma < 0
            || !long.TryParse(bounds[..comma].Trim(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var min)
            || !long.TryParse(bounds[(comma + 1)..].Trim(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var max)
            || min > max)
        {
            error = $"'${{{text}}}' must have two whole numbers, the lower first, such as ${{random(1,100)}}";
            return false;
        }

        part = new TemplatePart(null, TemplateVariable.Random, "", min, max, filter);
        return true;
    }
}
