using System.Text;
using System.Text.RegularExpressions;

namespace Headroom.Import.Curl;

/// <summary>
/// Splits what browsers copy as "cURL (cmd)" into commands of words, in the two steps of Windows: the command prompt takes the carets away (each makes the letter behind it a plain one, at the end of a line the line goes on), and the
/// program splits what is left at blanks outside of quotes, in which a backslash stands before a quote ("Parsing C command-line arguments").
/// </summary>
internal sealed partial class CommandPromptWords(string text)
{
    private readonly List<CurlCommand> _commands = [];
    private readonly StringBuilder _command = new();
    private int _commandLine = 1;

    /// <summary>Whether a text is for the command prompt: curl behind which a caret stands before a quote or the end of the line.</summary>
    public static bool AreIn(string text) => Prompt().IsMatch(text);

    public IReadOnlyList<CurlCommand> Split()
    {
        var (line, isQuoted) = (1, false);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\n')
                line++;
            if (letter == '^' && !isQuoted && at + 1 < text.Length)
                at = Escaped(at + 1, ref line);
            else if (letter is '\n' or '&' && !isQuoted)
            {
                End();
                _commandLine = line;
            }
            else if (letter != '\r')
            {
                isQuoted ^= letter == '"';
                _command.Append(letter);
            }
        }

        End();
        return _commands;
    }

    // The letter behind a caret; behind a line end the next one, which may be the line end of a body.
    private int Escaped(int at, ref int line)
    {
        if (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
            at++;
        if (text[at] == '\n')
        {
            line++;
            if (at + 1 >= text.Length || text[at + 1] is not ('\n' or '\r'))
                return at;
            at += text[at + 1] == '\r' && at + 2 < text.Length ? 2 : 1;
            line++;
        }

        _command.Append(text[at]);
        return at;
    }

    private void End()
    {
        var words = Words(_command.ToString());
        if (words.Count > 0)
            _commands.Add(new CurlCommand(_commandLine, words));
        _command.Clear();
    }

    private static List<string> Words(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isQuoted, isIn) = (false, false);
        for (var at = 0; at < command.Length; at++)
        {
            var slashes = 0;
            while (at < command.Length && command[at] == '\\')
                (slashes, at) = (slashes + 1, at + 1);
            var isBeforeQuote = at < command.Length && command[at] == '"';
            word.Append('\\', isBeforeQuote ? slashes / 2 : slashes);
            isIn |= slashes > 0;
            if (at >= command.Length)
                break;
            if (isBeforeQuote && slashes % 2 == 1)
                word.Append('"');
            else if (isBeforeQuote && isQuoted && at + 1 < command.Length && command[at + 1] == '"')
            {
                word.Append('"');
                at++;
            }
            else if (isBeforeQuote)
                (isQuoted, isIn) = (!isQuoted, true);
            else if (!isQuoted && char.IsWhiteSpace(command[at]))
            {
                if (isIn)
                    words.Add(word.ToString());
                word.Clear();
                isIn = false;
            }
            else
            {
                word.Append(command[at]);
                isIn = true;
            }
        }

        if (isIn)
            words.Add(word.ToString());
        return words;
    }

    [GeneratedRegex("""^[ \t]*curl(\.exe)?\b[^\n]*(\^"|\^\r?$)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prompt();
}
