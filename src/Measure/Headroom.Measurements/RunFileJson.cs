using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Headroom.Measurements.RunFiles;

namespace Headroom.Measurements;

/// <summary>Reads and writes <c>headroom-run/1</c> (docs/run-file.md).</summary>
public static class RunFileJson
{
    private const string SchemaName = "headroom-run/";
    private const int SupportedMajor = 1;
    private const int ProblemsShown = 10;
    private const long MaxLength = 1L << 30;

    // Without the escapes that only matter inside HTML: '+' in base64 and '<' in thresholds stay readable.
    private static readonly RunFileJsonContext Readable =
        new(new JsonSerializerOptions(RunFileJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Reads the run file at <paramref name="path"/>.</summary>
    /// <exception cref="RunFileException">Not there, not readable, truncated, not JSON, not a run file, of a newer major version, or with wrong fields.</exception>
    public static RunFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxLength } file)
                throw new RunFileException(path, $"has {file.Length} bytes; a run file has at most {MaxLength}.");
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunFileException(path, "there is no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFileException(path, Directory.Exists(path) ? "is a folder; name the run file in it." : $"cannot be read: {e.Message}", e);
        }

        return Parse(content, path);
    }

    /// <param name="json">The text of a run file.</param>
    /// <param name="sourceName">What to call it in error messages: the file's path.</param>
    /// <exception cref="RunFileException">Truncated, not JSON, not a run file, of a newer major version, or with wrong fields.</exception>
    public static RunFile Parse(string json, string sourceName)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(Encoding.UTF8.GetBytes(json), sourceName);
    }

    /// <param name="utf8Json">The bytes of a run file, with or without a byte order mark.</param>
    /// <param name="sourceName">What to call it in error messages: the file's path.</param>
    /// <exception cref="RunFileException">Truncated, not JSON, not a run file, of a newer major version, or with wrong fields.</exception>
    public static RunFile Parse(ReadOnlySpan<byte> utf8Json, string sourceName)
    {
        if (utf8Json.StartsWith(Encoding.UTF8.Preamble))
            utf8Json = utf8Json[Encoding.UTF8.Preamble.Length..];

        RequireWholeJson(utf8Json, sourceName);
        try
        {
            var reader = new Utf8JsonReader(utf8Json);
            using var document = JsonDocument.ParseValue(ref reader);
            RequireSchema(document.RootElement, sourceName);
            RequireShape(document.RootElement, sourceName);
            return JsonSerializer.Deserialize(utf8Json, RunFileJsonContext.Default.RunFile)!;
        }
        catch (JsonException e)
        {
            throw new RunFileException(sourceName, $"{e.Path ?? "$"}: {e.Message}", e);
        }
    }

    /// <summary>Writes a run file; on any failure a file that was there before stays as it was (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="RunFileException">The disk is full, the folder does not exist, no permission.</exception>
    public static void Write(string path, RunFile run)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(run);
        var content = ToUtf8Bytes(run);
        try
        {
            AtomicFile.Write(path, stream => stream.Write(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFileException(path, $"cannot be written: {e.Message} What was there before is unchanged.", e);
        }
    }

    /// <summary>The run file as indented JSON in UTF-8, ending with a newline. To embed it in HTML, escape <c>&lt;</c> there.</summary>
    public static byte[] ToUtf8Bytes(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return [.. JsonSerializer.SerializeToUtf8Bytes(run, Readable.RunFile), (byte)'\n'];
    }

    /// <summary>
    /// Reads through once as if more bytes could follow: then a syntax error is one, and running out of bytes means that the end is missing.
    /// </summary>
    private static void RequireWholeJson(ReadOnlySpan<byte> json, string sourceName)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
            throw new RunFileException(sourceName, "is empty; a run file is a JSON object.");
        if (!Utf8.IsValid(json))
            throw new RunFileException(sourceName, "is not UTF-8 text; a run file is JSON in UTF-8.");

        var reader = new Utf8JsonReader(json, isFinalBlock: false, state: default);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException e)
        {
            var position = string.Create(CultureInfo.InvariantCulture, $"{sourceName}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}");
            throw new RunFileException(position, $"is not JSON: {Sentence(e)}", e);
        }

        if (reader.CurrentDepth > 0 || reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            var (line, column) = End(json);
            throw new RunFileException(
                string.Create(CultureInfo.InvariantCulture, $"{sourceName}:{line}:{column}"),
                "is truncated: it ends in the middle of the JSON. Write it again, or use a whole copy.");
        }
    }

    private static void RequireSchema(JsonElement root, string sourceName)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new RunFileException(sourceName, "$: is not an object; a run file is one.");
        if (!root.TryGetProperty("schema", out var schema) || schema.ValueKind != JsonValueKind.String)
        {
            throw new RunFileException(
                sourceName, $"$.schema: is missing, so this is not a run file; a run file has \"schema\": \"{RunFile.CurrentSchema}\".");
        }

        var name = schema.GetString()!;
        var version = name.StartsWith(SchemaName, StringComparison.Ordinal) ? name.AsSpan(SchemaName.Length) : default;
        var majorLength = version.IndexOf('.') is >= 0 and var dot ? dot : version.Length;
        var isVersion = int.TryParse(version[..majorLength], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && (majorLength == version.Length || int.TryParse(version[(majorLength + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _));

        if (isVersion && major > SupportedMajor)
            throw new RunFileException(sourceName, $"$.schema: is '{name}'; this build reads {RunFile.CurrentSchema}.x; read it with a newer headroom.");
        if (!isVersion || major != SupportedMajor)
            throw new RunFileException(sourceName, $"$.schema: is '{name}'; this build reads {RunFile.CurrentSchema}.x.");
    }

    private static void RequireShape(JsonElement root, string sourceName)
    {
        var problems = RunFileShape.Problems(root);
        if (problems.Count == 0)
            return;

        var shown = string.Join("; ", problems.Take(ProblemsShown));
        var more = problems.Count > ProblemsShown ? $"; and {problems.Count - ProblemsShown} more" : "";
        throw new RunFileException(sourceName, $"{shown}{more}. docs/run-file.md lists the fields.");
    }

    /// <summary>The serializer's sentence without its own position, which counts from 0.</summary>
    private static string Sentence(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }

    private static (int Line, int Column) End(ReadOnlySpan<byte> json)
    {
        var lastLine = json[(json.LastIndexOf((byte)'\n') + 1)..];
        return (json.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(lastLine) + 1);
    }
}
