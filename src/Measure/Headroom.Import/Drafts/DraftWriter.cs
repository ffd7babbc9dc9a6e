using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Headroom.Import.Drafts;

/// <summary>Writes a draft as YAML, comments above what they are about.</summary>
internal static partial class DraftWriter
{
    private const int CommentWidth = 110;

    // The emitter puts a comment where the last token left it; what is marked is moved to where its subject stands.
    private const char Marked = '\uE000';

    private const char MarkedTrailing = '\uE001';

    public static string Write(DraftMap plan, IEnumerable<string> head)
    {
        var result = new StringBuilder();
        foreach (var line in head.SelectMany(static line => Wrapped(line)))
            result.Append("# ").Append(line).Append('\n');
        var lines = Lines(plan);
        for (var index = 0; index < lines.Length; index++)
        {
            var comment = Comment().Match(lines[index]);
            if (!comment.Success)
                result.Append(lines[index]).Append('\n');
            else if (comment.Groups["mark"].ValueSpan[0] == MarkedTrailing)
                result.Append("  # ").Append(comment.Groups["text"].ValueSpan).Append('\n');
            else
            {
                var subject = Array.FindIndex(lines, index, static line => !Comment().IsMatch(line));
                result.Append(' ', subject < 0 ? 0 : lines[subject].Length - lines[subject].TrimStart(' ').Length).Append("# ").Append(comment.Groups["text"].ValueSpan).Append('\n');
            }
        }

        return result.ToString();
    }

    /// <summary>A node alone, line by line.</summary>
    public static string[] Lines(DraftNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, indentSequences: true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(version: null, tags: null, isImplicit: true));
        Emit(emitter, node, oneLine: false);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    private static void Emit(Emitter emitter, DraftNode node, bool oneLine)
    {
        switch (node)
        {
            case DraftMap map:
                oneLine |= map.OneLine || map.Entries.Count == 0;
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, oneLine ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value, comments) in map.Entries)
                {
                    Comment(emitter, comments, Marked);
                    Emit(emitter, new DraftText(key), oneLine);
                    Emit(emitter, value, oneLine);
                }

                emitter.Emit(new MappingEnd());
                break;
            case DraftList list:
                oneLine |= list.OneLine || list.Items.Count == 0;
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, oneLine ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var (value, comments) in list.Items)
                {
                    Comment(emitter, comments, Marked);
                    Emit(emitter, value, oneLine);
                }

                Comment(emitter, list.Trailing, MarkedTrailing);
                emitter.Emit(new SequenceEnd());
                break;
            case DraftText text:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text.Text, StyleOf(text.Text), isPlainImplicit: true, isQuotedImplicit: true));
                break;
            case DraftPlain plain:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, plain.Text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: true));
                break;
        }
    }

    // Literal blocks keep line ends but not what YAML has to escape.
    private static ScalarStyle StyleOf(string text)
    {
        if (text.Contains('\n', StringComparison.Ordinal))
            return text.Any(static letter => (char.IsControl(letter) && letter != '\n') || letter is Marked or MarkedTrailing) || text[0] is ' ' or '\n' || text.Split('\n').Any(line => line.EndsWith(' ')) ? ScalarStyle.DoubleQuoted : ScalarStyle.Literal;
        return text.Length == 0 || Resolved().IsMatch(text) || text.AsSpan().Trim().Length != text.Length ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
    }

    private static void Comment(Emitter emitter, IEnumerable<DraftComment> comments, char mark)
    {
        foreach (var line in comments.SelectMany(static comment => comment.IsYaml ? [comment.Text] : Wrapped(comment.Text)))
            emitter.Emit(new Comment(mark + line, isInline: false));
    }

    // What comes from a source must not end the comment.
    private static IEnumerable<string> Wrapped(string comment)
    {
        var rest = Breaking().Replace(comment, " ");
        while (rest.Length > CommentWidth && rest.LastIndexOf(' ', CommentWidth) is > 0 and var at)
        {
            yield return rest[..at];
            rest = rest[(at + 1)..];
        }

        yield return rest;
    }

    /// <summary>What YAML's core schema (1.2, and 1.1 where readers still do it) reads as something else than a text.</summary>
    [GeneratedRegex(@"\A(~|null|true|false|yes|no|on|off|y|n|[-+]?[0-9][0-9_,.:eE+-]*|[-+]?\.[0-9]+([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan|0[xXoO][0-9a-fA-F]+)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Resolved();

    [GeneratedRegex(@"\A *# ?(?<mark>[\uE000\uE001])(?<text>.*)\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029\s]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Breaking();
}
