using System.Globalization;
using System.Text;

namespace Headroom.Import.K6;

/// <summary>Splits a script into tokens (ECMA-262 §12).</summary>
internal sealed class JsLexer(string text, int firstLine = 1)
{
    private static readonly string[] Marks =
    [
        ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**",
    ];

    private readonly List<JsToken> _tokens = [];
    private int _at;
    private int _line = firstLine;
    private bool _afterLineEnd;

    /// <exception cref="FormatException">A text, template, regular expression or comment does not end; the message has the line.</exception>
    public IReadOnlyList<JsToken> Read()
    {
        if (text.StartsWith("#!", StringComparison.Ordinal))
            _at = text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : text.Length;
        while (Skip())
        {
            var letter = text[_at];
            if (char.IsLetter(letter) || letter is '_' or '$' or '#' or '@')
                Word();
            else if (char.IsAsciiDigit(letter) || (letter == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
                Number();
            else if (letter is '"' or '\'')
                Text(letter);
            else if (letter == '`')
                Template();
            else if (letter == '/' && MayBeRegex())
                Regex();
            else
                Mark();
        }

        Add(JsTokenKind.End, "", _line);
        return _tokens;
    }

    private void Add(JsTokenKind kind, string value, int line, string flags = "")
    {
        _tokens.Add(new JsToken(kind, value, line, _afterLineEnd, flags));
        _afterLineEnd = false;
    }

    private bool Skip()
    {
        while (_at < text.Length)
        {
            if (text[_at] == '\n')
            {
                _line++;
                _afterLineEnd = true;
                _at++;
            }
            else if (char.IsWhiteSpace(text[_at]) || text[_at] == '\uFEFF')
                _at++;
            else if (text.AsSpan(_at).StartsWith("//"))
                _at = text.IndexOf('\n', _at) is >= 0 and var end ? end : text.Length;
            else if (text.AsSpan(_at).StartsWith("/*"))
            {
                var end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0)
                    throw Unended("comment", _line);
                _line += text.AsSpan(_at, end - _at).Count('\n');
                _afterLineEnd |= text.AsSpan(_at, end - _at).Contains('\n');
                _at = end + 2;
            }
            else
                return true;
        }

        return false;
    }

    private void Word()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '$'))
            _at++;
        Add(JsTokenKind.Name, text[start.._at], _line);
    }

    private void Number()
    {
        var start = _at;
        var isHex = text[_at] == '0' && _at + 1 < text.Length && text[_at + 1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O';
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '.' or '_' || (!isHex && text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E')))
            _at++;
        Add(JsTokenKind.Number, text[start.._at].Replace("_", "", StringComparison.Ordinal).TrimEnd('n'), _line);
    }

    private void Text(char quote)
    {
        var line = _line;
        var value = new StringBuilder();
        for (_at++; _at < text.Length && text[_at] != quote;)
        {
            if (text[_at] == '\n')
                break;
            if (text[_at] == '\\')
                Escape(value);
            else
                value.Append(text[_at++]);
        }

        if (_at >= text.Length || text[_at] != quote)
            throw Unended("text", line);
        _at++;
        Add(JsTokenKind.Text, value.ToString(), line);
    }

    /// <summary>Reads an escape sequence (§12.9.4) into a text.</summary>
    private void Escape(StringBuilder value)
    {
        _at++;
        if (_at >= text.Length)
            return;
        var letter = text[_at++];
        switch (letter)
        {
            case 'n': value.Append('\n'); break;
            case 't': value.Append('\t'); break;
            case 'r': value.Append('\r'); break;
            case 'b': value.Append('\b'); break;
            case 'f': value.Append('\f'); break;
            case 'v': value.Append('\v'); break;
            case '0': value.Append('\0'); break;
            case 'x': Code(value, 2); break;
            case 'u' when _at < text.Length && text[_at] == '{':
                var end = text.IndexOf('}', _at);
                _at++;
                Code(value, Math.Max(0, end - _at));
                _at++;
                break;
            case 'u': Code(value, 4); break;
            case '\r' when _at < text.Length && text[_at] == '\n':
                _at++;
                _line++;
                break;
            case '\n': _line++; break;
            default: value.Append(letter); break;
        }
    }

    private void Code(StringBuilder value, int digits)
    {
        var end = Math.Min(_at + digits, text.Length);
        if (int.TryParse(text.AsSpan(_at, end - _at), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            _ = Rune.TryCreate(code, out var rune) ? value.Append(rune.ToString()) : value.Append((char)code);
        _at = end;
    }

    // Kept as it is: its expressions are read when it is parsed.
    private void Template()
    {
        var line = _line;
        var start = ++_at;
        var depth = 0;
        while (_at < text.Length && (text[_at] != '`' || depth > 0))
        {
            if (text[_at] == '\n')
                _line++;
            else if (text[_at] == '\\')
                _at++;
            else if (text[_at] == '$' && _at + 1 < text.Length && text[_at + 1] == '{')
                depth++;
            else if (text[_at] == '}' && depth > 0)
                depth--;
            _at++;
        }

        if (_at >= text.Length)
            throw Unended("template", line);
        Add(JsTokenKind.Template, text[start.._at++], line);
    }

    /// <summary>Texts of a template without escapes, and what stands between them in <c>${…}</c>.</summary>
    public static (IReadOnlyList<string> Texts, IReadOnlyList<string> Expressions) Split(string template)
    {
        var texts = new List<string>();
        var expressions = new List<string>();
        var reader = new JsLexer(template);
        var value = new StringBuilder();
        while (reader._at < template.Length)
        {
            if (template[reader._at] == '\\')
                reader.Escape(value);
            else if (template.AsSpan(reader._at).StartsWith("${"))
            {
                var start = reader._at += 2;
                for (var depth = 1; reader._at < template.Length; reader._at++)
                {
                    depth += template[reader._at] == '{' ? 1 : template[reader._at] == '}' ? -1 : 0;
                    if (depth == 0)
                        break;
                }

                texts.Add(value.ToString());
                value.Clear();
                expressions.Add(template[start..Math.Min(reader._at, template.Length)]);
                reader._at++;
            }
            else
                value.Append(template[reader._at++]);
        }

        texts.Add(value.ToString());
        return (texts, expressions);
    }

    // A slash divides behind a value, and begins a regular expression behind everything else (§12).
    private bool MayBeRegex() => _tokens.Count == 0 || _tokens[^1] switch
    {
        { Kind: JsTokenKind.Mark, Text: ")" or "]" or "}" or "++" or "--" } => false,
        { Kind: JsTokenKind.Mark } => true,
        { Kind: JsTokenKind.Name, Text: "return" or "typeof" or "case" or "in" or "of" or "delete" or "void" or "throw" or "new" or "else" or "do" } => true,
        _ => false,
    };

    private void Regex()
    {
        var start = ++_at;
        for (var inClass = false; _at < text.Length && (text[_at] != '/' || inClass); _at++)
        {
            if (text[_at] == '\n')
                throw Unended("regular expression", _line);
            if (text[_at] == '\\')
                _at++;
            else if (text[_at] is '[' or ']')
                inClass = text[_at] == '[';
        }

        if (_at >= text.Length)
            throw Unended("regular expression", _line);
        var pattern = text[start.._at++];
        var flags = _at;
        while (_at < text.Length && char.IsAsciiLetter(text[_at]))
            _at++;
        Add(JsTokenKind.Regex, pattern, _line, text[flags.._at]);
    }

    private void Mark()
    {
        var mark = Array.Find(Marks, mark => text.AsSpan(_at).StartsWith(mark)) ?? text[_at].ToString();
        // "?." before a digit is a condition and a number.
        if (mark == "?." && _at + 2 < text.Length && char.IsAsciiDigit(text[_at + 2]))
            mark = "?";
        Add(JsTokenKind.Mark, mark, _line);
        _at += mark.Length;
    }

    private static FormatException Unended(string what, int line) => new(FormattableString.Invariant($"{line}:the {what} that begins here does not end"));
}
