using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.ApiKeys.Issuing;

/// <summary>What the endpoints that manage keys do. Nothing of it may be stored by any cache.</summary>
internal static class ApiKeyEndpoints
{
    const int PageStandard = 50;
    const int PageMost = 200;
    const int ChangeAttemptsMost = 10;

    public static async Task CreateAsync(HttpContext context)
    {
        var body = await ReadAsync(context, ApiKeyJson.Default.NewApiKeyBody, "{\"name\": \"web shop\", \"organizationId\": \"acme\", \"scopes\": [\"messages:send\"]}");
        if (body is null)
            return;
        var errors = ApiKeyRules.Errors(body.Name, body.OrganizationId, body.Scopes, body.InstanceIds);
        if ((ApiKeyRules.ReadExpiry(body.ExpiresAt, out var expiresAt) ?? ApiKeyRules.ExpiryErrors(expiresAt, Now(context))) is { } wrong)
            errors["expiresAt"] = wrong;
        if (errors.Count > 0)
        {
            await InvalidAsync(context, errors);
            return;
        }

        var issued = await Keys(context).CreateAsync(new NewApiKey(body.Name!, body.OrganizationId!, body.Scopes, body.InstanceIds, expiresAt), context.RequestAborted);
        context.Response.Headers.Location = $"{context.Request.PathBase}{context.Request.Path.ToUriComponent().TrimEnd('/')}/{issued.Record.Id}";
        await ShowAsync(context, StatusCodes.Status201Created, issued.Record, issued.Key);
    }

    public static async Task ListAsync(HttpContext context)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var query = context.Request.Query;
        var limit = PageStandard;
        if (query["limit"].ToString() is { Length: > 0 } wanted && (!int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > PageMost))
            errors["limit"] = [$"'{wanted}' is not a whole number from 1 to {PageMost}."];
        ApiKeyPosition? after = null;
        if (query["cursor"].ToString() is { Length: > 0 } cursor && !TryDecode(cursor, out after))
            errors["cursor"] = ["It is not a cursor of this list; send one that a page gave as 'next'."];
        if (errors.Count > 0)
        {
            await InvalidAsync(context, errors);
            return;
        }

        var organization = query["organizationId"].ToString() is { Length: > 0 } given ? given : null;
        var found = await Keys(context).ListAsync(organization, after, limit + 1, context.RequestAborted);
        var now = Now(context);
        var next = found.Count > limit ? Encode(found[limit - 1]) : null;
        if (next is not null)
        {
            var rest = organization is null ? "" : $"&organizationId={Uri.EscapeDataString(organization)}";
            context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}?cursor={next}&limit={limit}{rest}>; rel=\"next\"";
        }

        await WriteAsync(context, StatusCodes.Status200OK, new ApiKeyPage([.. found.Take(limit).Select(record => ApiKeyView.Of(record, now))], next), ApiKeyJson.Default.ApiKeyPage);
    }

    public static async Task GetAsync(HttpContext context)
    {
        if (await FindAsync(context) is { } record)
            await ShowAsync(context, StatusCodes.Status200OK, record);
    }

    public static async Task UpdateAsync(HttpContext context)
    {
        var body = await ReadAsync(context, ApiKeyJson.Default.ApiKeyChangeBody, "{\"scopes\": [\"messages:read\"], \"expiresAt\": null}");
        if (body is null || await FindAsync(context) is not { } record)
            return;

        // Two changes at the same time: who comes second puts its fields on what the first left, so that neither is lost.
        var replacedBy = record.ReplacedBy;
        for (var attempt = 1; attempt <= ChangeAttemptsMost; attempt++)
        {
            if (record.Status == ApiKeyStatus.Revoked)
            {
                await ProblemAsync(context, StatusCodes.Status409Conflict, "The key was revoked, and a revoked key cannot be changed.");
                return;
            }

            if (record.ReplacedBy != replacedBy)
            {
                await ProblemAsync(context, StatusCodes.Status409Conflict, "The key was rotated meanwhile, which gave it an end; look at it again, or change the key that took its place.");
                return;
            }

            if (ApiKeyChange.Apply(body, record, Now(context), out var changed) is { Count: > 0 } errors)
            {
                await InvalidAsync(context, errors);
                return;
            }

            if (await Keys(context).UpdateAsync(record, changed, context.RequestAborted))
            {
                await ShowAsync(context, StatusCodes.Status200OK, changed);
                return;
            }

            if (await FindAsync(context) is not { } again)
                return;
            record = again;
        }

        await ProblemAsync(context, StatusCodes.Status409Conflict, "Others changed the key again and again meanwhile; look at it again, and send the change once more.");
    }

    public static async Task RotateAsync(HttpContext context)
    {
        if (await IsForgedAsync(context))
            return;
        var body = await HasBodyAsync(context) ? await ReadAsync(context, ApiKeyJson.Default.RotationBody, "{\"overlapSeconds\": 3600}, or no body") : new RotationBody();
        if (body is null)
            return;
        if (body.OverlapSeconds is { } seconds && (seconds < 0 || seconds > ApiKeyOptions.OverlapMost.TotalSeconds))
        {
            await InvalidAsync(context, new(StringComparer.Ordinal) { ["overlapSeconds"] = [FormattableString.Invariant($"'{seconds}' is not from 0 to {ApiKeyOptions.OverlapMost.TotalSeconds}.")] });
            return;
        }

        if (await FindAsync(context) is not { } record)
            return;
        if (await Keys(context).RotateAsync(record.Id, body.OverlapSeconds is { } given ? TimeSpan.FromSeconds(given) : null, context.RequestAborted) is { } issued)
            await ShowAsync(context, StatusCodes.Status201Created, issued.Record, issued.Key);
        else
            await ProblemAsync(context, StatusCodes.Status409Conflict, "The key is revoked, expired, was rotated already or is being changed; look at it again, and make a new one or rotate the one that took its place.");
    }

    public static async Task RevokeAsync(HttpContext context)
    {
        if (!await IsForgedAsync(context))
            await EndAsync(context, static (keys, id, cancellation) => keys.RevokeAsync(id, cancellation));
    }

    public static Task DeleteAsync(HttpContext context) => EndAsync(context, static (keys, id, cancellation) => keys.DeleteAsync(id, cancellation));

    static async Task EndAsync(HttpContext context, Func<IApiKeys, string, CancellationToken, ValueTask<bool>> end)
    {
        NoStore(context);
        if (await end(Keys(context), IdOf(context), context.RequestAborted))
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await NotFoundAsync(context);
    }

    static async ValueTask<ApiKeyRecord?> FindAsync(HttpContext context)
    {
        var record = await Keys(context).FindAsync(IdOf(context), context.RequestAborted);
        if (record is null)
            await NotFoundAsync(context);
        return record;
    }

    static async ValueTask<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, string example)
        where T : class
    {
        // A form of another site can be sent with a browser's cookies, but not as JSON.
        if (!context.Request.HasJsonContentType())
        {
            await ProblemAsync(context, StatusCodes.Status415UnsupportedMediaType, $"The body is not JSON; send it as application/json, for example {example}.");
            return null;
        }

        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.BodyReader, type, context.RequestAborted) is { } body)
                return body;
            await ProblemAsync(context, StatusCodes.Status400BadRequest, $"The body is null; write for example {example}.");
        }
        catch (JsonException unreadable)
        {
            await ProblemAsync(context, StatusCodes.Status400BadRequest, $"The body cannot be read: {unreadable.Message} Write for example {example}.");
        }

        return null;
    }

    // By its first byte: HTTP/2 needs no length, where a body is decoded there is none left, and a body in chunks may have nothing in it.
    static async ValueTask<bool> HasBodyAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync(context.RequestAborted);
        var isThere = !read.Buffer.IsEmpty;
        reader.AdvanceTo(read.Buffer.Start);
        return isThere;
    }

    /// <summary>
    /// Refuses what a browser sends for another site without asking this one first: a request with the user's cookies and without a body, or with a form's. JSON and a header for keys are asked for (Fetch, section 4.9).
    /// </summary>
    static async ValueTask<bool> IsForgedAsync(HttpContext context)
    {
        var request = context.Request;
        var headers = request.Headers;
        if (!IsOfAnotherSite(request) || request.HasJsonContentType() || headers.ContainsKey(ApiKeyDefaults.HeaderName)
            || headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        await ProblemAsync(context, StatusCodes.Status403Forbidden, "The request comes from another site, which may have sent it without the user; send it with the content type application/json, which other sites must be allowed to (CORS).");
        return true;
    }

    /// <summary>
    /// Browsers say where a request comes from (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header), but over plain HTTP only the origin of the page. What is no browser says neither.
    /// </summary>
    static bool IsOfAnotherSite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site is "cross-site" or "same-site";
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    static Task ShowAsync(HttpContext context, int status, ApiKeyRecord record, string? key = null) => WriteAsync(context, status, ApiKeyView.Of(record, Now(context), key), ApiKeyJson.Default.ApiKeyView);

    static Task WriteAsync<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        NoStore(context);
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, type, contentType: null, context.RequestAborted);
    }

    static Task InvalidAsync(HttpContext context, Dictionary<string, string[]> errors)
    {
        NoStore(context);
        return Results.ValidationProblem(errors).ExecuteAsync(context);
    }

    static Task NotFoundAsync(HttpContext context) => ProblemAsync(context, StatusCodes.Status404NotFound, "There is no API key of this id.");

    static Task ProblemAsync(HttpContext context, int status, string detail)
    {
        NoStore(context);
        return Results.Problem(detail, statusCode: status).ExecuteAsync(context);
    }

    static void NoStore(HttpContext context) => context.Response.Headers.CacheControl = "no-store";

    static IApiKeys Keys(HttpContext context) => context.RequestServices.GetRequiredService<IApiKeys>();

    static string IdOf(HttpContext context) => context.GetRouteValue("id") as string ?? "";

    static DateTimeOffset Now(HttpContext context) => (context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System).GetUtcNow();

    static string Encode(ApiKeyRecord last) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{last.CreatedAt.ToUnixTimeMilliseconds()}.{last.Id}")));

    static bool TryDecode(string cursor, out ApiKeyPosition? position)
    {
        position = null;
        if (!Base64Url.IsValid(cursor))
            return false;
        var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split('.', 2);
        if (parts.Length != 2 || !Checking.ApiKeyFormat.IsId(parts[1]) || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var created) || created > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return false;
        position = new ApiKeyPosition(DateTimeOffset.FromUnixTimeMilliseconds(created), parts[1]);
        return true;
    }
}

/// <summary>That an endpoint manages keys, so that one that nothing protects stops the application at start-up.</summary>
internal sealed class ApiKeyManagement : IRequestSizeLimitMetadata
{
    /// <summary>A key with all the scopes and instances that it may have is written in less.</summary>
    public long? MaxRequestBodySize => 256 * 1024;
}
