using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Headroom.Load.Plans;

namespace Headroom.Load.Building;

/// <summary>A body as it goes into a plan.</summary>
/// <param name="Bytes">Text with its variables, or bytes to send as they are.</param>
/// <param name="Variables">How variables in it are put in.</param>
/// <param name="ContentType">Sent unless the request has a header of its own.</param>
/// <param name="Mistake">What is wrong with it, to follow "the body of NAME"; null when it can be sent.</param>
internal sealed partial record RequestBody(ReadOnlyMemory<byte> Bytes, BodyVariables Variables, string ContentType, string? Mistake)
{
    private const string JsonType = "application/json";

    /// <summary>Names as ASP.NET Core writes them. Reflection is named here, because scripts (dotnet run file.cs) switch it off as a default.</summary>
    public static JsonSerializerOptions WrittenAsBody { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <param name="json">Text that is JSON already, or what is to be written as JSON.</param>
    public static RequestBody OfJson(object? json)
    {
        if (json is string written)
            return OfWritten(written);
        try
        {
            var text = JsonSerializer.Serialize(json, json?.GetType() ?? typeof(object), WrittenAsBody);
            return OfTemplate(WholeRawVariable().Replace(text, "${variable}"), BodyVariables.Json, JsonType);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or ArgumentException)
        {
            return new RequestBody(default, BodyVariables.None, JsonType, $"cannot be written as JSON: {e.Message}");
        }
    }

    public static RequestBody OfText(string text, string contentType) => OfTemplate(text, BodyVariables.Text, contentType);

    /// <summary>With a number in place of each variable it must be JSON, wherever the variables stand.</summary>
    private static RequestBody OfWritten(string json)
    {
        var body = OfTemplate(json, BodyVariables.Json, JsonType);
        if (!TextTemplate.TryParse(json, out var template, out _))
            return body;
        try
        {
            using var document = JsonDocument.Parse(string.Concat(template.Parts.Select(part => part.Literal ?? "0")));
            return body;
        }
        catch (JsonException e)
        {
            return body with { Mistake = $"is not JSON: {e.Message} Write valid JSON or an object, or .Body(text, contentType) for anything else" };
        }
    }

    /// <summary>What is wrong with a template is told with the whole request.</summary>
    private static RequestBody OfTemplate(string text, BodyVariables variables, string contentType) =>
        TextTemplate.TryParse(text, out var template, out _) && !template.HasVariables
            ? new RequestBody(Encoding.UTF8.GetBytes(template.ConstantText), BodyVariables.None, contentType, null)
            : new RequestBody(Encoding.UTF8.GetBytes(text), variables, contentType, null);

    /// <summary>A JSON string that is one raw variable and nothing else.</summary>
    [GeneratedRegex("""(?<!\\)"(?<variable>\$\{[^"{}|]*\|\s*raw\s*\})"(?!\s*:)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WholeRawVariable();
}
