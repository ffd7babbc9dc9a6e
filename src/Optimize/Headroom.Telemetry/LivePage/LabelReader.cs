using System.Text;

namespace Headroom.Telemetry.LivePage;

/// <summary>Takes a value out of the text of a label set, <c>method="GET",route="/items"</c>, which is the only thing that a series keeps of its tags.</summary>
internal static class LabelReader
{
    /// <returns>The value, unescaped; null when the set has no such label.</returns>
    public static string? Value(string labels, string name)
    {
        for (var at = 0; at < labels.Length;)
        {
            var equals = labels.IndexOf('=', at);
            if (equals < 0 || equals + 1 >= labels.Length)
                return null;
            var isWanted = labels.AsSpan(at, equals - at).SequenceEqual(name);
            var end = EndOfValue(labels, equals + 2);
            if (isWanted)
                return Unescape(labels.AsSpan((equals + 2)..end));
            at = end + 2;
        }

        return null;
    }

    static int EndOfValue(string labels, int start)
    {
        var at = start;
        while (at < labels.Length && labels[at] != '"')
            at += labels[at] == '\\' ? 2 : 1;
        return Math.Min(at, labels.Length);
    }

    static string Unescape(ReadOnlySpan<char> value)
    {
        if (value.IndexOf('\\') < 0)
            return value.ToString();
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
                text.Append(value[++i] == 'n' ? '\n' : value[i]);
            else
                text.Append(value[i]);
        }

        return text.ToString();
    }
}
