using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headroom.Import.Har;

// The parts of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that say what was sent, and what browsers add to it with an underscore.
internal sealed record HarFile(HarLog? Log);

internal sealed record HarLog(IReadOnlyList<HarPage>? Pages, IReadOnlyList<HarEntry?>? Entries, HarCreator? Creator, HarCreator? Browser);

internal sealed record HarCreator(string? Name, string? Version);

internal sealed record HarPage(string? Id, string? Title);

internal sealed record HarEntry(string? Pageref, string? StartedDateTime, double? Time, HarRequest? Request, HarResponse? Response)
{
    [JsonPropertyName("_resourceType")]
    public string? ResourceType { get; init; }

    [JsonPropertyName("_fromCache")]
    public string? FromCache { get; init; }

    /// <summary>When it began, in the time zone that the file says; null when it does not say it in ISO 8601.</summary>
    [JsonIgnore]
    public DateTimeOffset? Started => DateTimeOffset.TryParse(StartedDateTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

internal sealed record HarRequest(string? Method, string? Url, IReadOnlyList<HarHeader?>? Headers, HarPostData? PostData);

internal sealed record HarHeader(string? Name, string? Value);

internal sealed record HarPostData(string? MimeType, string? Text, IReadOnlyList<HarParameter?>? Params, string? Encoding = null);

internal sealed record HarParameter(string? Name, string? Value, string? FileName);

internal sealed record HarResponse(int? Status, HarContent? Content);

internal sealed record HarContent(string? MimeType, string? Text, string? Encoding);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowTrailingCommas = true)]
[JsonSerializable(typeof(HarFile))]
internal sealed partial class HarJson : JsonSerializerContext;
