using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Headroom.Measurements;

namespace Headroom.Import.K6Summaries;

/// <summary>What a script of <c>headroom export k6</c> says of itself beside k6's data, version 1.</summary>
internal sealed record K6SummaryParts
{
    /// <summary>The only version there is.</summary>
    public const int CurrentVersion = 1;

    public int Version { get; init; }

    public string? Plan { get; init; }

    public string? Target { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Begins the selectors of all parts, comma included: <c>part:load,</c> leaves setup and warm-up out. Empty where there are none.</summary>
    public string? Selector { get; init; }

    public IReadOnlyList<string>? Requests { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyList<PlannedPhase>? Phases { get; init; }

    public IReadOnlyList<K6SummaryPartCheck>? Checks { get; init; }

    /// <summary>Runs of the same script have it in common.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        JsonSerializer.Serialize(this with { Target = null, EndedAt = null }, K6SummaryJson.Default.K6SummaryParts))));

    /// <exception cref="ImportException">It is of another version, or of another shape.</exception>
    public static K6SummaryParts Read(JsonElement json, string source)
    {
        try
        {
            var parts = json.Deserialize(K6SummaryJson.Default.K6SummaryParts)!;
            if (parts.Version != CurrentVersion)
                throw new ImportException($"{source}: 'headroom' is version {parts.Version}; this headroom reads {CurrentVersion}: export the script again");
            return parts.Phases?.Contains(null!) == true || parts.Checks?.Contains(null!) == true || parts.EndedAt < DateTimeOffset.UnixEpoch
                ? throw new ImportException($"{source}: 'headroom' is not what headroom export k6 writes (a phase or check is null, or it ended before 1970); export the script again")
                : parts;
        }
        catch (JsonException e)
        {
            throw new ImportException($"{source}: 'headroom' is not what headroom export k6 writes ({e.Path}); export the script again", e);
        }
    }
}

/// <summary>A check of a request.</summary>
internal sealed record K6SummaryPartCheck(string Request, string Name);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(K6SummaryParts))]
internal sealed partial class K6SummaryJson : JsonSerializerContext;
