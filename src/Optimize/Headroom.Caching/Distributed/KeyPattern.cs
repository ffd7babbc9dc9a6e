using System.Text;
using System.Text.RegularExpressions;

namespace Headroom.Caching.Distributed;

/// <summary>Which keys are meant: <c>*</c> stands for any characters, <c>?</c> for one, <c>\</c> takes the meaning from the character after it.</summary>
internal sealed class KeyPattern
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly Regex _regex;

    /// <param name="text">In the notation above.</param>
    public KeyPattern(string text)
    {
        Text = text;
        var expression = new StringBuilder("^");
        for (var index = 0; index < text.Length; index++)
        {
            expression.Append(text[index] switch
            {
                '*' => ".*",
                '?' => ".",
                '\\' when index + 1 < text.Length => Regex.Escape(text[++index].ToString()),
                _ => Regex.Escape(text[index].ToString()),
            });
        }

        _regex = new Regex(expression.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant, Timeout);
    }

    public string Text { get; }

    public bool IsMatch(string key) => _regex.IsMatch(key);

    /// <summary>Keys that begin with a text.</summary>
    public static KeyPattern OfPrefix(string prefix) => new(Escaped(prefix) + "*");

    /// <summary>What people write: <c>*</c> and <c>?</c>, and nothing takes their meaning from them.</summary>
    public static KeyPattern OfWildcards(string pattern) => new(pattern.Replace("\\", "\\\\", StringComparison.Ordinal));

    /// <summary>Text that stands for itself.</summary>
    public static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);
}
