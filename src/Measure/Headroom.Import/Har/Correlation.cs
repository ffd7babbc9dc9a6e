using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Headroom.Import.Drafts;

namespace Headroom.Import.Har;

/// <summary>
/// Finds where a value that a request sent came from: the JSON of an earlier response. Only values that are hardly there by chance count: ids and tokens of eight characters and more that have a digit in them.
/// </summary>
internal sealed partial class Correlation
{
    private const int ValuesMost = 200_000;

    private readonly Dictionary<string, Source> _sources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);

    /// <summary>What was found, a sentence for each value.</summary>
    public List<string> Guesses { get; } = [];

    /// <summary>The variable for a value, extracted where it first came; null when no response gave it.</summary>
    public string? Find(string value, List<string> comments)
    {
        if (!CouldBeAnId(value) || !_sources.TryGetValue(value, out var source))
            return null;
        if (source.Variable is null)
        {
            var name = PlanText.Identifier(source.Member, "value");
            source.Variable = name;
            for (var number = 2; !_variables.Add(source.Variable); number++)
                source.Variable = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            source.Request.Extract.Add(source.Variable, source.Path);
            Guesses.Add($"${{{source.Variable}}} is taken from the response of {source.Request.Method} {source.From} at {source.Path}, because a later request sent the value that stood there");
        }

        comments.Add($"${{{source.Variable}}} stood in the response of {source.Request.Method} {source.From}");
        return $"${{{source.Variable}}}";
    }

    /// <summary>Remembers the values of a response.</summary>
    public void Learn(RequestDraft request, HarContent? content, string from)
    {
        if (content?.Text is null || content.MimeType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true || TextOf(content) is not { } text)
            return;
        try
        {
            using var document = JsonDocument.Parse(text);
            Learn(document.RootElement, "$", "value", request, from);
        }
        catch (JsonException)
        {
            // A response that is cut or says it is JSON and is not: nothing to learn.
        }
    }

    private static string? TextOf(HarContent content)
    {
        if (content.Encoding != "base64")
            return content.Text;
        var bytes = new byte[content.Text!.Length];
        return Convert.TryFromBase64String(content.Text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private void Learn(JsonElement json, string path, string member, RequestDraft request, string from)
    {
        if (_sources.Count >= ValuesMost)
            return;
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                    Learn(property.Value, path + (PlainName().IsMatch(property.Name) ? "." + property.Name : $"['{property.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}']"), property.Name, request, from);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in json.EnumerateArray())
                    Learn(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), member, request, from);
                break;
            case JsonValueKind.String or JsonValueKind.Number:
                var value = json.ToString();
                if (CouldBeAnId(value))
                    _sources.TryAdd(value, new Source(request, path, member, from));
                break;
        }
    }

    private static bool CouldBeAnId(string value) => value.Length is >= 8 and <= 4096 && value.Any(char.IsAsciiDigit) && !value.Any(char.IsWhiteSpace) && !DateLike().IsMatch(value);

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainName();

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DateLike();

    private sealed record Source(RequestDraft Request, string Path, string Member, string From)
    {
        public string? Variable { get; set; }
    }
}
