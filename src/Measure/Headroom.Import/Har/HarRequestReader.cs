using System.Text;
using Headroom.Import.Drafts;

namespace Headroom.Import.Har;

/// <summary>One recorded request.</summary>
internal sealed class HarRequestReader(PlanDraft draft, Correlation correlation)
{
    public RequestDraft Read(HarEntry entry)
    {
        var recorded = entry.Request!;
        var method = (recorded.Method ?? "GET").ToUpperInvariant();
        var comments = new List<string>();
        var path = Origins.Relative(recorded.Url!, draft.Target);
        var request = new RequestDraft { Method = method, Url = Address(path, comments) };
        foreach (var header in (recorded.Headers ?? []).OfType<HarHeader>())
        {
            if (header.Name is { Length: > 0 } name && header.Value is { } value && !BrowserHeaders.AreNoise(name))
                request.Headers.Add((name, HeaderValue(name, value, comments)));
        }

        Body(recorded, request, comments);
        if ((request.Body is not null || request.Json is not null) && recorded.PostData?.MimeType is { Length: > 0 } type && !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) && !request.Headers.Exists(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
            request.Headers.Add(("Content-Type", PlanText.Literal(type)));
        request.Comments.AddRange(comments.Distinct(StringComparer.Ordinal).Select(static comment => new DraftComment(comment)));
        if (entry.Response is { Status: >= 200 and < 400 } response)
            request.CheckStatus(response.Status == 304 ? ["200", "304"] : [FormattableString.Invariant($"{response.Status}")]);
        correlation.Learn(request, entry.Response?.Content, path);
        return request;
    }

    // A path's segments and a query's values, each of which an earlier response may have given.
    private string Address(string path, List<string> comments)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var segments = (query < 0 ? path : path[..query]).Split('/').Select(segment => correlation.Find(segment, comments) ?? PlanText.Url(segment));
        var address = string.Join('/', segments);
        if (query < 0)
            return address;
        return address + "?" + string.Join('&', path[(query + 1)..].Split('&').Select(pair =>
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return PlanText.Url(pair);
            var (name, value) = (pair[..equals], pair[(equals + 1)..]);
            var known = correlation.Find(value, comments) ?? (Secrets.IsSecretField(name) && value.Length > 0 ? draft.Secrets.Field(name, value) : PlanText.Url(value));
            return $"{PlanText.Url(name)}={known}";
        }));
    }

    private string HeaderValue(string name, string value, List<string> comments)
    {
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        if (name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && space > 0 && correlation.Find(value[(space + 1)..], comments) is { } token)
            return $"{PlanText.Literal(value[..space])} {token}";
        return correlation.Find(value, comments) ?? draft.Secrets.Header(name, value);
    }

    private void Body(HarRequest recorded, RequestDraft request, List<string> comments)
    {
        if (recorded.PostData is not { } data)
            return;
        var body = data.Encoding == "base64" ? Decoded(data.Text ?? "") : data.Text;
        if (body is null && data.Text is not null)
        {
            draft.LeftOut(0, $"the body of {request.Method} {request.Url}, which is no text; put it into a file and name it with bodyFile");
            comments.Add("its body is missing");
        }
        else if (body is { Length: > 0 } text)
        {
            if (data.MimeType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true && JsonDraft.TryParse(text) is { } json)
            {
                if (data.MimeType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
                    request.Headers.RemoveAll(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
                request.Json = JsonDraft.From(json, (member, value) => new DraftText(correlation.Find(value, comments) ?? draft.Secrets.Field(member, value)));
            }
            else
                request.Body = data.MimeType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true ? FormText(text) : PlanText.Literal(text);
        }
        else if (data.Params is { Count: > 0 } fields)
        {
            if (fields.Any(static field => field?.FileName is not null))
                draft.LeftOut(0, $"the files of the form that {request.Method} {request.Url} sent; put the body into a file and name it with bodyFile");
            var texts = fields.OfType<HarParameter>().Where(static field => field.FileName is null).Select(field => (Name: field.Name ?? "", Value: draft.Secrets.Field(field.Name ?? "", field.Value ?? "")));
            request.Body = Boundary(request) is { } boundary
                ? string.Concat(texts.Select(field => $"--{boundary}\r\nContent-Disposition: form-data; name=\"{PlanText.Literal(field.Name)}\"\r\n\r\n{field.Value}\r\n")) + $"--{boundary}--\r\n"
                : string.Join('&', texts.Select(static field => $"{InForm(field.Name)}={InForm(field.Value)}"));
        }
    }

    // Some tools write fields as they were sent, others decoded: what cannot stand in a form was decoded. A text that is a variable stays one.
    private static string InForm(string text) => text.StartsWith("${env.", StringComparison.Ordinal) ? text
        : string.Concat(text.EnumerateRunes().Select(static rune => rune.Value is > 0x20 and < 0x7f and not '&' ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));

    // RFC 2046 §5.1.1; null of a form that is not in parts.
    private static string? Boundary(RequestDraft request)
    {
        var type = request.Headers.Find(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value ?? "";
        var at = type.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        return !type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) || at < 0 ? null : type[(at + "boundary=".Length)..].Split(';')[0].Trim(' ', '"');
    }

    private static string? Decoded(string base64)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private string FormText(string text) => string.Join('&', text.Split('&').Select(pair =>
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? PlanText.Literal(pair) : $"{PlanText.Literal(pair[..equals])}={draft.Secrets.Field(pair[..equals], pair[(equals + 1)..])}";
    }));
}
