using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace ReferenceApi.Input;

/// <summary>A request's JSON object, or the problem to answer with instead.</summary>
internal sealed class JsonBody : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly JsonDocument? document;

    private JsonBody(JsonDocument? document, IResult? refusal) => (this.document, Refusal) = (document, refusal);

    /// <summary>Why there is no body to read; null when there is.</summary>
    public IResult? Refusal { get; }

    public JsonElement Root => document!.RootElement;

    public static async Task<JsonBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType() || !IsUtf8(request))
        {
            return Refused(
                StatusCodes.Status415UnsupportedMediaType,
                request.ContentType is null ? "The request has no Content-Type; send application/json in UTF-8." : $"The Content-Type is '{TextRules.Shown(request.ContentType)}'; send application/json in UTF-8.");
        }

        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return Refused(StatusCodes.Status400BadRequest, "The request has no body; send a JSON object.");

        try
        {
            var parsed = await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
                return new JsonBody(parsed, refusal: null);

            var found = Name(parsed.RootElement.ValueKind);
            parsed.Dispose();
            return Refused(StatusCodes.Status400BadRequest, $"The body is {found}; send a JSON object.");
        }
        catch (JsonException exception)
        {
            var place = exception.LineNumber is { } line
                ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {exception.BytePositionInLine + 1})")
                : "";
            return Refused(StatusCodes.Status400BadRequest, $"The body is not valid JSON{place}.");
        }
        catch (InvalidOperationException)
        {
            // The parser unescapes names to tell duplicates apart, and half of a surrogate pair has no form to compare.
            return Refused(StatusCodes.Status400BadRequest, "The body is not valid JSON (a name in it is not valid Unicode).");
        }
        catch (BadHttpRequestException exception)
        {
            // Too large, or cut off: the server knows which.
            return Refused(exception.StatusCode, exception.Message);
        }
    }

    /// <summary>A value's kind, in words for a message.</summary>
    public static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    public void Dispose() => document?.Dispose();

    /// <summary>JSON on the internet is UTF-8 (RFC 8259 §8.1); some clients say so.</summary>
    private static bool IsUtf8(HttpRequest request) =>
        request.GetTypedHeaders().ContentType?.Charset is not { HasValue: true } charset || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static JsonBody Refused(int status, string detail) => new(document: null, TypedResults.Problem(detail, statusCode: status));
}
