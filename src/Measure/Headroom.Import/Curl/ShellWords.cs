using System.Buffers;
using System.Globalization;
using System.Text;
using Headroom.Import.Drafts;

namespace Headroom.Import.Curl;

/// <summary>
/// Splits a shell script into commands of words, as POSIX shells do (IEEE 1003.1 §2.2, 2.3): quotes, backslashes, line continuations, comments, and the <c>$'…'</c> that browsers copy. A variable
/// of the shell is marked, so that it can be told from text that looks like one. What is in a here-document is input, no command.
/// </summary>
internal sealed class ShellWords(string text)
{
    private const char VariableStart = '\uE000';
    private const char VariableEnd = '\uE001';

    private static readonly SearchValues<char> NotInDefault = SearchValues.Create("$`'\"\\\n");

    private readonly StringBuilder _word = new();
    private readonly List<CurlCommand> _commands = [];
    private readonly List<HereDocument> _documents = [];
    private List<string> _words = [];
    private List<string> _expansions = [];
    private HereDocument? _input;
    private bool _inWord;
    private int _at;
    private int _line = 1;
    private int _commandLine = 1;

    /// <summary>The plan's text of a word: variables of the shell are the environment's.</summary>
    public static string ToPlan(string word) => MapText(word, PlanText.Literal);

    /// <summary>The same, with text going through <paramref name="map"/>.</summary>
    public static string MapText(string word, Func<string, string> map) => string.Concat(Parts(word).Select(part => part.IsVariable ? $"${{env.{part.Text}}}" : map(part.Text)));

    public static bool HasVariable(string word) => word.Contains(VariableStart, StringComparison.Ordinal);

    public static bool StartsWithVariable(string word) => word.StartsWith(VariableStart);

    public IReadOnlyList<CurlCommand> Split()
    {
        while (_at < text.Length)
        {
            var letter = text[_at++];
            switch (letter)
            {
                case '\'':
                    SingleQuoted();
                    break;
                case '"':
                    DoubleQuoted();
                    break;
                case '\\' when _at < text.Length:
                    Escaped();
                    break;
                case '$':
                    Dollar();
                    break;
                case '#' when !_inWord:
                    while (_at < text.Length && text[_at] != '\n')
                        _at++;
                    break;
                case '\n':
                    EndCommand();
                    _line++;
                    ReadDocuments();
                    _commandLine = _line;
                    break;
                case ';' or '|' or '&' or '(' or ')':
                    EndCommand();
                    break;
                case '>' or '<':
                    Redirection();
                    break;
                case ' ' or '\t' or '\r':
                    EndWord();
                    break;
                default:
                    Add(letter);
                    break;
            }
        }

        EndCommand();
        return _commands;
    }

    /// <exception cref="FormatException">What is behind it could not be told from what is in it: the line and a sentence.</exception>
    private void EndQuote(int line)
    {
        if (_at >= text.Length)
            throw new FormatException(FormattableString.Invariant($"{line}:the quote that begins here does not end; close it, or put a # before a line that is no command"));
        _at++;
    }

    private static IEnumerable<(string Text, bool IsVariable)> Parts(string word)
    {
        var at = 0;
        while (at < word.Length)
        {
            var start = word.IndexOf(VariableStart, at);
            if (start < 0)
            {
                yield return (word[at..], false);
                yield break;
            }

            if (start > at)
                yield return (word[at..start], false);
            var end = word.IndexOf(VariableEnd, start);
            yield return (word[(start + 1)..end], true);
            at = end + 1;
        }
    }

    private void Add(char letter)
    {
        _inWord = true;
        // Not even a source that holds the marks can make a variable.
        if (letter is not (VariableStart or VariableEnd))
            _word.Append(letter);
    }

    private void SingleQuoted()
    {
        var line = _line;
        _inWord = true;
        while (_at < text.Length && text[_at] != '\'')
            AddCounted(text[_at++]);
        EndQuote(line);
    }

    private void DoubleQuoted()
    {
        var line = _line;
        _inWord = true;
        while (_at < text.Length && text[_at] != '"')
        {
            var letter = text[_at++];
            if (letter == '\\' && _at < text.Length && "\"\\$`\n".Contains(text[_at], StringComparison.Ordinal))
            {
                if (text[_at++] is '\n')
                    _line++;
                else
                    Add(text[_at - 1]);
            }
            else if (letter == '$')
                Dollar(quoted: true);
            else
                AddCounted(letter);
        }

        EndQuote(line);
    }

    private void Escaped()
    {
        var letter = text[_at++];
        if (letter == '\r' && _at < text.Length && text[_at] == '\n')
            letter = text[_at++];
        if (letter == '\n')
            _line++;
        else
            Add(letter);
    }

    // "$" stands before a name, a name in braces, or a quoted text with escapes (bash); otherwise for itself.
    private void Dollar(bool quoted = false)
    {
        if (_at < text.Length && text[_at] == '\'' && !quoted)
        {
            _at++;
            AnsiQuoted();
            return;
        }

        var braced = _at < text.Length && text[_at] == '{';
        var start = braced ? _at + 1 : _at;
        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            end++;
        var close = braced && end > start ? DefaultAt(end) : -1;
        if (end == start || char.IsAsciiDigit(text[start]) || (braced && close < 0 && (end >= text.Length || text[end] != '}')))
        {
            TellExpansion();
            Add('$');
            return;
        }

        _inWord = true;
        _word.Append(VariableStart).Append(text, start, end - start);
        if (close >= 0)
            _word.Append(":-").Append(text, close, text.IndexOf('}', close) - close);
        _word.Append(VariableEnd);
        _at = !braced ? end : close < 0 ? end + 1 : text.IndexOf('}', close) + 1;
    }

    // ${NAME:-default} and its like, whose default is a plain text: where it begins, -1 for anything else.
    private int DefaultAt(int end)
    {
        var at = end < text.Length && text[end] == ':' ? end + 1 : end;
        if (at >= text.Length || text[at] is not ('-' or '='))
            return -1;
        var close = text.IndexOf('}', at);
        return close < 0 || text.AsSpan(at, close - at).ContainsAny(NotInDefault) ? -1 : at + 1;
    }

    // What only a running shell knows: arguments of the script, the output of commands, and what is done with a variable in braces.
    private void TellExpansion()
    {
        if (_at >= text.Length || text[_at] is not ('(' or '{' or '@' or '*') && !char.IsAsciiDigit(text[_at]))
            return;
        var close = text[_at] is '(' or '{' ? text.AsSpan(_at).IndexOfAny(text[_at] == '(' ? ")\n" : "}\n") : 0;
        _expansions.Add("$" + (close < 0 ? text[_at..(_at + 1)] : text.Substring(_at, close + 1).TrimEnd('\n')));
    }

    private void AnsiQuoted()
    {
        var line = _line;
        _inWord = true;
        while (_at < text.Length && text[_at] != '\'')
        {
            var letter = text[_at++];
            if (letter != '\\' || _at >= text.Length)
            {
                AddCounted(letter);
                continue;
            }

            letter = text[_at++];
            switch (letter)
            {
                case 'n': Add('\n'); break;
                case 't': Add('\t'); break;
                case 'r': Add('\r'); break;
                case 'x': AddCode(2); break;
                case 'u': AddCode(4); break;
                case 'U': AddCode(8); break;
                default: Add(letter); break;
            }
        }

        EndQuote(line);
    }

    private void AddCode(int digitsMost)
    {
        var end = _at;
        while (end < text.Length && end - _at < digitsMost && char.IsAsciiHexDigit(text[end]))
            end++;
        if (int.TryParse(text.AsSpan(_at, end - _at), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
        {
            foreach (var letter in code is >= 0xD800 and <= 0xDFFF ? ((char)code).ToString() : Rune.TryCreate(code, out var rune) ? rune.ToString() : "")
                Add(letter);
        }

        _at = end;
    }

    private void AddCounted(char letter)
    {
        if (letter == '\n')
            _line++;
        Add(letter);
    }

    // What is written to a file or read from one does not matter here, but what the script itself holds does.
    private void Redirection()
    {
        if (_word.Length > 0 && !_word.ToString().All(char.IsAsciiDigit))
            EndWord();
        _word.Clear();
        _inWord = false;
        if (text[_at - 1] == '<' && _at < text.Length && text[_at] == '<' && (_at + 1 >= text.Length || text[_at + 1] != '<'))
        {
            Document();
            return;
        }

        while (_at < text.Length && (text[_at] is '>' or '<' or '&' or ' '))
            _at++;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not (';' or '|' or ')'))
            _at++;
    }

    // <<END, <<-END, <<'END'
    private void Document()
    {
        _at++;
        var isIndented = _at < text.Length && text[_at] == '-';
        _at += isIndented ? 1 : 0;
        while (_at < text.Length && text[_at] is ' ' or '\t')
            _at++;
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not (';' or '|' or '&' or ')' or '<' or '>'))
            _at++;
        var end = text[start.._at];
        _input = new HereDocument(end.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal), end.IndexOfAny(['\'', '"', '\\']) >= 0, isIndented);
        _documents.Add(_input);
    }

    private void ReadDocuments()
    {
        // One that does not end is none: what is behind it may be commands.
        foreach (var document in _documents.Where(IsEnded))
        {
            while (_at < text.Length)
            {
                var end = text.IndexOf('\n', _at);
                end = end < 0 ? text.Length : end;
                while (document.IsIndented && _at < end && text[_at] == '\t')
                    _at++;
                if (text.AsSpan(_at, end - _at).TrimEnd('\r').SequenceEqual(document.End))
                {
                    _at = Math.Min(end + 1, text.Length);
                    _line++;
                    break;
                }

                DocumentLine(document, Math.Min(end + 1, text.Length));
            }

            (document.Text, document.Expansions) = (_word.ToString(), _expansions);
            _word.Clear();
            _inWord = false;
            _expansions = [];
        }

        _documents.Clear();
    }

    private bool IsEnded(HereDocument document)
    {
        for (var at = _at; document.End.Length > 0 && at >= 0 && at < text.Length; at = text.IndexOf('\n', at) + 1)
        {
            var end = text.IndexOf('\n', at);
            var line = text.AsSpan(at, (end < 0 ? text.Length : end) - at).TrimEnd('\r');
            if ((document.IsIndented ? line.TrimStart('\t') : line).SequenceEqual(document.End))
                return true;
            if (end < 0)
                return false;
        }

        return false;
    }

    private void DocumentLine(HereDocument document, int end)
    {
        while (_at < end)
        {
            var letter = text[_at++];
            if (!document.IsLiteral && letter == '\\' && _at < end && text[_at] is '$' or '`' or '\\' or '\n')
            {
                if (text[_at++] == '\n')
                    _line++;
                else
                    Add(text[_at - 1]);
            }
            else if (!document.IsLiteral && letter == '$')
                Dollar(quoted: true);
            else
                AddCounted(letter);
        }
    }

    private void EndWord()
    {
        if (_inWord)
            _words.Add(_word.ToString());
        _word.Clear();
        _inWord = false;
    }

    private void EndCommand()
    {
        EndWord();
        if (_words.Count > 0)
            _commands.Add(new CurlCommand(_commandLine, _words) { Input = _input, Expansions = _expansions });
        _words = [];
        _expansions = [];
        _input = null;
        _commandLine = _line;
    }
}
