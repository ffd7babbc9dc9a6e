using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Headroom.Load.K6Export;

/// <summary>Pieces of JavaScript (ECMAScript 2023).</summary>
internal static partial class Js
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "function", "if",
        "implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return", "static", "super", "switch", "this", "throw", "true",
        "try", "typeof", "var", "void", "while", "with", "yield", "arguments", "eval", "async", "undefined", "NaN", "Infinity",
    };

    /// <summary>A string in single quotes (§12.9.4).</summary>
    public static string Text(string text) => Quoted(text, '\'');

    /// <summary>What stands between the expressions of a template literal (§12.9.6).</summary>
    public static string TemplateText(string text) => Quoted(text, '`')[1..^1].Replace("${", "\\${", StringComparison.Ordinal);

    /// <summary>What JavaScript's objects call what they inherit from; assigning it keeps nothing.</summary>
    public const string Prototype = "__proto__";

    /// <summary>The name of a property as an object literal has it.</summary>
    public static string Key(string name) => name == Prototype ? $"['{name}']" : Identifier().IsMatch(name) ? name : Text(name);

    /// <summary>The access of a property.</summary>
    public static string Member(string name) => Identifier().IsMatch(name) ? "." + name : $"[{Text(name)}]";

    /// <summary>An expression where braces keep it together.</summary>
    public static string WithoutParentheses(string code) => code is ['(', .. var inner, ')'] ? inner : code;

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A duration as k6 writes it.</summary>
    public static string Duration(TimeSpan time) => time.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"'{time.TotalSeconds:0}s'")
        : string.Create(CultureInfo.InvariantCulture, $"'{time.TotalMilliseconds:0.####}ms'");

    /// <summary>Seconds, as <c>sleep</c> takes them.</summary>
    public static string Seconds(TimeSpan time) => Number(time.TotalSeconds);

    /// <summary>A name for a function, made of the words of a text.</summary>
    public static string FunctionName(string text)
    {
        var name = new StringBuilder();
        foreach (Match word in NameWords().Matches(text))
            name.Append(name.Length == 0 ? word.Value.All(char.IsAsciiLetterUpper) ? word.Value.ToLowerInvariant() : char.ToLowerInvariant(word.Value[0]) + word.Value[1..] : char.ToUpperInvariant(word.Value[0]) + word.Value[1..]);
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            name.Insert(0, "step");
        return Words.Contains(name.ToString()) ? name + "Step" : name.ToString();
    }

    private static string Quoted(string text, char quote)
    {
        var result = new StringBuilder(text.Length + 2).Append(quote);
        for (var index = 0; index < text.Length; index++)
        {
            var letter = text[index];
            if (letter == quote || letter == '\\')
                result.Append('\\').Append(letter);
            else if (letter == '\n')
                result.Append("\\n");
            else if (char.IsSurrogatePair(text, index - (index > 0 && char.IsLowSurrogate(letter) ? 1 : 0)) && char.IsSurrogate(letter))
                result.Append(letter);
            else if (char.IsControl(letter) || char.IsSurrogate(letter) || letter is '\u2028' or '\u2029' or '\ufeff')
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                result.Append(letter);
        }

        return result.Append(quote).ToString();
    }

    [GeneratedRegex(@"\A[A-Za-z_$][A-Za-z0-9_$]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifier();

    [GeneratedRegex("[A-Za-z0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameWords();
}
