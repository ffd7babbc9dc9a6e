namespace ReferenceApi.Answers;

/// <summary>A short text of the collection.</summary>
internal sealed record Document(string Id, string Title, string Text)
{
    private const string ResourcePrefix = "documents/";

    /// <summary>Reads the documents that ship inside the program: Markdown files with a heading in the first line.</summary>
    public static IReadOnlyList<Document> LoadAll()
    {
        var assembly = typeof(Document).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return Parse(Path.GetFileNameWithoutExtension(name), reader.ReadToEnd());
                }),
        ];
    }

    private static Document Parse(string id, string markdown)
    {
        var lines = markdown.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new Document(id, lines[0].TrimStart('#', ' '), string.Join(' ', lines[1..]));
    }
}
