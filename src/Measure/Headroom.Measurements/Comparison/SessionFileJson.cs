using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Headroom.Measurements.RunFiles;

namespace Headroom.Measurements.Comparison;

/// <summary>Reads and writes <c>headroom-session/1</c> (docs/compare.md).</summary>
public static class SessionFileJson
{
    private const string SchemaName = "headroom-session/";
    private const long BytesMax = 1L << 30;

    private static readonly SessionJsonContext Readable =
        new(new JsonSerializerOptions(SessionJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Whether a file says of itself that it is a session; false for anything that cannot be read, which whoever reads it then says better.</summary>
    public static bool IsSession(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out var schema)
                && schema.ValueKind == JsonValueKind.String && schema.GetString()!.StartsWith(SchemaName, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

    /// <exception cref="RunFileException">Not there, not readable, not JSON, of a newer version, or with wrong fields.</exception>
    public static SessionFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > BytesMax } file)
                throw new RunFileException(path, $"has {file.Length} bytes; a session file has at most {BytesMax}.");
            using var stream = File.OpenRead(path);
            var session = JsonSerializer.Deserialize(stream, Readable.SessionFile) ?? throw new RunFileException(path, "is null; a session file is a JSON object.");
            if (session.Schema != SessionFile.CurrentSchema && !session.Schema.StartsWith(SessionFile.CurrentSchema + ".", StringComparison.Ordinal))
                throw new RunFileException(path, $"$.schema: is '{session.Schema}'; this build reads {SessionFile.CurrentSchema}.x.");
            return session;
        }
        catch (JsonException e)
        {
            throw new RunFileException(path, $"{e.Path ?? "$"}: {e.Message} docs/compare.md lists the fields.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunFileException(path, "there is no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFileException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes a session; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="RunFileException">The disk is full, the folder does not exist, no permission.</exception>
    public static void Write(string path, SessionFile session)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(session);
        var content = ToUtf8Bytes(session);
        try
        {
            AtomicFile.Write(path, stream => stream.Write(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFileException(path, $"cannot be written: {e.Message} What was there before is unchanged.", e);
        }
    }

    /// <summary>More variants than a comparison has make so many runs that their seconds would fill the disk.</summary>
    private const int VariantsWithSeconds = 3;

    /// <summary>The session as indented JSON in UTF-8. The latency histogram of each second, most of a run and needed by no comparison, is left out; of more than three variants the seconds are.</summary>
    public static byte[] ToUtf8Bytes(SessionFile session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var slim = session with { Runs = [.. session.Runs.Select(run => run with { Run = run.Run with { Series = session.Variants.Count > VariantsWithSeconds ? [] : [.. run.Run.Series.Select(point => point with { LatencyHistogram = null })] } })] };
        return [.. JsonSerializer.SerializeToUtf8Bytes(slim, Readable.SessionFile), (byte)'\n'];
    }

    /// <summary>What was concluded, as the report page reads it.</summary>
    public static byte[] ToUtf8Bytes(ComparisonResult result) => JsonSerializer.SerializeToUtf8Bytes(result, Readable.ComparisonResult);

    /// <summary>A history, as the report page reads it.</summary>
    public static byte[] ToUtf8Bytes(RunTrend trend) => JsonSerializer.SerializeToUtf8Bytes(trend, Readable.RunTrend);

    /// <summary>What was concluded of switches, as the report page reads it.</summary>
    public static byte[] ToUtf8Bytes(AblationResult result) => JsonSerializer.SerializeToUtf8Bytes(result, Readable.AblationResult);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    Converters = [typeof(RoundedDoubleConverter)])]
[JsonSerializable(typeof(SessionFile))]
[JsonSerializable(typeof(ComparisonResult))]
[JsonSerializable(typeof(AblationResult))]
[JsonSerializable(typeof(RunTrend))]
internal sealed partial class SessionJsonContext : JsonSerializerContext;
