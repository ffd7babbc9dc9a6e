using System.Text;
using Headroom.Import.Drafts;

namespace Headroom.Import.Curl;

/// <summary>The parts of curl's <c>--form</c> (its manual, "-F, --form"), as <c>multipart/form-data</c> (RFC 7578).</summary>
internal sealed class CurlForm(PlanDraft draft, int line)
{
    private const string Boundary = "headroom-form-boundary-5b1d";

    private readonly StringBuilder _parts = new();

    public static string ContentType => $"multipart/form-data; boundary={Boundary}";

    public bool IsEmpty => _parts.Length == 0;

    /// <summary>The body, as a plan's text.</summary>
    public string Body => $"{_parts}--{Boundary}--\r\n";

    /// <param name="value">The option's value: a name, an equals sign, and what the part holds.</param>
    /// <param name="isText">Of <c>--form-string</c>, in which no letter means anything.</param>
    public void Add(string value, bool isText)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || (!isText && value.Length > equals + 1 && value[equals + 1] is '@' or '<'))
        {
            draft.LeftOut(line, $"the form's field '{ShellWords.ToPlan(equals < 1 ? value : value[..equals])}', which is a file");
            return;
        }

        var (name, content) = (value[..equals], value[(equals + 1)..]);
        var (type, file) = ("", "");
        if (!isText)
        {
            var at = 0;
            var text = content;
            content = Word(text, ref at);
            while (at < text.Length)
            {
                at++;
                var setting = Word(text, ref at, keepName: true);
                if (setting.StartsWith("type=", StringComparison.Ordinal))
                    type = setting["type=".Length..];
                else if (type.Length > 0 && setting.StartsWith("charset=", StringComparison.Ordinal))
                    type += "; " + setting;
                else if (setting.StartsWith("filename=", StringComparison.Ordinal))
                    file = setting["filename=".Length..];
                else
                    draft.LeftOut(line, $"'{ShellWords.ToPlan(setting)}' of the form's field '{ShellWords.ToPlan(name)}'");
            }
        }

        _parts.Append("--").Append(Boundary).Append("\r\nContent-Disposition: form-data; name=\"").Append(Quoted(name)).Append('"');
        if (file.Length > 0)
            _parts.Append("; filename=\"").Append(Quoted(file)).Append('"');
        if (type.Length > 0)
            _parts.Append("\r\nContent-Type: ").Append(ShellWords.ToPlan(type));
        _parts.Append("\r\n\r\n").Append(ShellWords.HasVariable(content) ? ShellWords.ToPlan(content) : draft.Secrets.Field(name, content)).Append("\r\n");
    }

    private static string Quoted(string text) => ShellWords.ToPlan(text.Replace("\"", "%22", StringComparison.Ordinal));

    // Up to a semicolon; in quotes, a backslash stands before a quote or a backslash, and what is behind the quote does not count. Blanks go before a word.
    private static string Word(string text, ref int at, bool keepName = false)
    {
        var begin = at;
        while (begin < text.Length && text[begin] == ' ')
            begin++;
        var name = keepName ? text.IndexOf('=', begin) : -1;
        var semicolon = text.IndexOf(';', at);
        var quote = name >= 0 && (semicolon < 0 || name < semicolon) ? name + 1 : begin;
        if (quote < text.Length && text[quote] == '"' && Unquoted(text, quote) is var (word, end))
        {
            at = text.IndexOf(';', end) is >= 0 and var next ? next : text.Length;
            return text[begin..quote] + word;
        }

        (begin, at) = (at, semicolon < 0 ? text.Length : semicolon);
        return keepName ? text[begin..at].Trim(' ') : text[begin..at];
    }

    private static (string Word, int End)? Unquoted(string text, int quote)
    {
        var word = new StringBuilder();
        for (var at = quote + 1; at < text.Length; at++)
        {
            if (text[at] == '"')
                return (word.ToString(), at + 1);
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\')
                at++;
            word.Append(text[at]);
        }

        return null;
    }
}
