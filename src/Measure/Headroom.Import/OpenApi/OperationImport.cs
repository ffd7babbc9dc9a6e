using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Headroom.Import.Drafts;
using Microsoft.OpenApi;

namespace Headroom.Import.OpenApi;

/// <summary>One operation as a request: parameters, body, credentials and the status that it promises.</summary>
internal sealed partial class OperationImport(PlanDraft draft, OpenApiDocument description, Func<OpenApiServer, string?> addressOf)
{
    private const string FixedUuid = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SchemaExample _examples = new();

    public void Add(string path, IOpenApiPathItem item, string method, OpenApiOperation operation)
    {
        var name = operation.OperationId ?? $"{method} {path}";
        if (operation.Deprecated)
        {
            draft.LeftOut(0, $"{method} {path}, which is deprecated");
            return;
        }

        var request = new RequestDraft { Name = name, Method = method, Url = path };
        request.Comments.Add($"{method} {path}{(operation.Summary is { Length: > 0 } summary ? $": {summary}" : "")}");
        var parameters = (item.Parameters ?? []).Concat(operation.Parameters ?? []).GroupBy(static parameter => (parameter.Name, parameter.In)).Select(static group => group.Last()).ToList();
        var query = new List<string>();
        foreach (var parameter in parameters)
            AddParameter(request, parameter, query);
        request.Url = PlanText.Url(path);
        foreach (var parameter in parameters.Where(static parameter => parameter.In == ParameterLocation.Path))
            request.Url = request.Url.Replace(PlanText.Url($"{{{parameter.Name}}}"), PathValue(parameter, request), StringComparison.Ordinal);
        request.Url = Undescribed().Replace(request.Url, match => PathValue(new OpenApiParameter { Name = Uri.UnescapeDataString(match.Groups["name"].Value), In = ParameterLocation.Path }, request));
        if (query.Count > 0)
            request.Url += (request.Url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + string.Join('&', query);

        AddServer(request, (operation.Servers is { Count: > 0 } own ? own : item.Servers)?.FirstOrDefault());
        AddBody(request, operation.RequestBody);
        AddCredentials(request, operation.Security ?? description.Security);
        var statuses = (operation.Responses ?? []).Keys.Where(static status => status.Length == 3 && status[0] is '2' or '3').Select(static status => status.ToLowerInvariant()).Order(StringComparer.Ordinal).ToList();
        if (statuses.Count > 0)
            request.CheckStatus(statuses);
        if ((operation.Responses ?? []).Any(static pair => pair.Key.StartsWith('2') && pair.Value.Content?.Keys.Any(static type => type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)) == true))
        {
            request.EventsMax = 1;
            draft.Guess(0, $"'events: 1' of {name}: it answers with an event stream, which may not end; raise it, or leave it out where the stream ends by itself");
        }

        request.IsDisabled = request.MayChangeData && !draft.Options.Writes;
        draft.Requests.Add(request);
    }

    // §4.8.9, §4.8.10: a path or an operation may have servers of its own.
    private void AddServer(RequestDraft request, OpenApiServer? server)
    {
        if (server is null || addressOf(server) is not { } address || address.Equals(draft.Target, StringComparison.OrdinalIgnoreCase))
            return;
        if (draft.Options.Target is null)
            request.Url = PlanText.Url(address) + request.Url;
        else
            draft.LeftOut(0, $"the server {address} of {request.Name}, because --target is given");
    }

    // Ids are variables of the plan, so that a person puts real ones in at one place.
    private string PathValue(IOpenApiParameter parameter, RequestDraft request)
    {
        var value = ExampleOf(parameter);

        // A value under 'vars' is a fixed one.
        if (SchemaExample.IsVariable(value.Text))
            value = (FixedUuid, true);
        var name = PlanText.Identifier(parameter.Name ?? "", "id");
        if (!draft.Variables.Entries.Any(entry => entry.Key == name))
        {
            draft.Variables.Add(name, new DraftText(PlanText.Literal(value.Text)), value.IsGuess ? [$"{Described(parameter)}: a guess, put one that exists here"] : []);
            if (value.IsGuess)
                draft.Guess(0, $"'{value.Text}' for {{{parameter.Name}}} of {request.Name}; change it under 'vars'");
        }

        return $"${{{name}}}";
    }

    private void AddParameter(RequestDraft request, IOpenApiParameter parameter, List<string> query)
    {
        var wanted = parameter.Required || GivenFor(parameter) is not null || SchemaExample.Plain(SchemaExample.Given(parameter.Schema)) is not null;
        if (parameter.In == ParameterLocation.Path || parameter.Name is not { } name)
            return;
        if (!wanted)
        {
            request.Comments.Add($"{parameter.In.ToString()?.ToLowerInvariant()} parameter '{name}' is optional and left out{(parameter.Description is { Length: > 0 } text ? $": {text}" : "")}");
            return;
        }

        var made = JsonOf(parameter);
        var value = (made.IsGuess, Text: Flat(made.Value), Json: made.Value);
        if (value.IsGuess)
        {
            request.Comments.Add($"'{name}' is a guess");
            draft.Guess(0, $"'{value.Text}' for the {parameter.In.ToString()?.ToLowerInvariant()} parameter '{name}' of {request.Name}");
        }

        switch (parameter.In)
        {
            case ParameterLocation.Query:
                query.AddRange(QueryOf(name, parameter, value.Json));
                break;
            case ParameterLocation.Header:
                // §4.8.12: these three are described elsewhere.
                if (name.ToLowerInvariant() is not ("accept" or "content-type" or "authorization"))
                    request.Headers.Add((name, Text(value.Text)));
                break;
            case ParameterLocation.Cookie:
                AddCookie(request, $"{name}={Text(value.Text)}");
                break;
        }
    }

    private (string Text, bool IsGuess) ExampleOf(IOpenApiParameter parameter) => JsonOf(parameter) is var made ? (Flat(made.Value), made.IsGuess) : default;

    private Example JsonOf(IOpenApiParameter parameter)
    {
        if (GivenFor(parameter) is { } example)
            return new Example(example, IsGuess: false);
        if (parameter.Content?.FirstOrDefault() is not { Value: { } media } content)
            return _examples.Make(parameter.Schema);

        // §4.8.12.2: such a parameter is a text of that type, whatever its style.
        var made = GivenIn(media.Example, media.Examples) is { } given ? new Example(given, IsGuess: false) : _examples.Make(media.Schema);
        return content.Key.Contains("json", StringComparison.OrdinalIgnoreCase) && made.Value is JsonObject or JsonArray ? made with { Value = JsonValue.Create(made.Value.ToJsonString(Readable)) } : made;
    }

    private static JsonNode? GivenFor(IOpenApiParameter parameter) => GivenIn(parameter.Example, parameter.Examples);

    private static JsonNode? GivenIn(JsonNode? example, IDictionary<string, IOpenApiExample>? examples) =>
        SchemaExample.Plain(example) ?? examples?.Values.Select(static one => SchemaExample.Plain(one.Value)).FirstOrDefault(static value => value is not null);

    // A text that stands for itself, unless it was made to be a variable.
    private static string Text(string text) => SchemaExample.IsVariable(text) ? text : PlanText.Literal(text);

    private static string InQuery(string text) => SchemaExample.IsVariable(text) ? text : PlanText.Url(Uri.EscapeDataString(text));

    /// <summary>By the parameter's style (§4.8.12.3): a list is the name as often as it has items unless 'explode' is false, and then it has commas, blanks or bars between them; an object is its members, in brackets of the name for deepObject.</summary>
    private static IEnumerable<string> QueryOf(string name, IOpenApiParameter parameter, JsonNode? value)
    {
        var style = parameter.Style ?? ParameterStyle.Form;
        var key = PlanText.Url(Uri.EscapeDataString(name));
        var isDeep = style == ParameterStyle.DeepObject;
        switch (value)
        {
            case JsonArray { Count: > 0 } list when parameter.Explode:
                return list.Select(item => $"{key}={InQuery(Flat(item))}");
            case JsonArray list when style is ParameterStyle.SpaceDelimited or ParameterStyle.PipeDelimited:
                return [$"{key}={InQuery(string.Join(style == ParameterStyle.SpaceDelimited ? ' ' : '|', list.Select(Flat)))}"];
            case JsonObject { Count: > 0 } map when isDeep || parameter.Explode:
                return map.Select(member => $"{PlanText.Url(Uri.EscapeDataString(isDeep ? $"{name}[{member.Key}]" : member.Key))}={InQuery(Flat(member.Value))}");
            default:
                return [$"{key}={InQuery(Flat(value))}"];
        }
    }

    // Elsewhere (style simple, explode=false): values with commas between them (§4.8.12.3).
    private static string Flat(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list => string.Join(',', list.Select(Flat)),
        JsonObject map => string.Join(',', map.SelectMany(static member => new[] { member.Key, Flat(member.Value) })),
        _ => value.ToString(),
    };

    private void AddBody(RequestDraft request, IOpenApiRequestBody? body)
    {
        if (body?.Content is not { Count: > 0 } content)
            return;
        var (type, media) = content.FirstOrDefault(static pair => pair.Key.Contains("json", StringComparison.OrdinalIgnoreCase)) is { Value: not null } json ? json : content.First();
        var made = GivenIn(media.Example, media.Examples) is { } given ? new Example(given, IsGuess: false) : _examples.Make(media.Schema);
        var isLeftOut = false;
        if (type.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            if (!type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
                request.Headers.Add(("Content-Type", type));
            using var document = JsonDocument.Parse(made.Value?.ToJsonString() ?? "null");
            request.Json = JsonDraft.From(document.RootElement, (member, text) => new DraftText(SchemaExample.IsVariable(text) ? text : draft.Secrets.Field(member, text)));
        }
        else if (type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) && made.Value is JsonObject fields)
        {
            request.Headers.Add(("Content-Type", type));
            request.Body = string.Join('&', fields.SelectMany(field => FormFields(field.Key, field.Value, media.Encoding?.TryGetValue(field.Key, out var encoding) != true || encoding?.Explode != false)));
        }
        else if (made.Value is JsonValue && !type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.Add(("Content-Type", type));
            request.Body = PlanText.Literal(Flat(made.Value));
        }
        else
        {
            draft.LeftOut(0, $"the body of {request.Name} as {type}; put one into a file and name it with bodyFile");
            request.Comments.Add($"its body ({type}) is missing");
            isLeftOut = true;
        }

        if (made.IsGuess && !isLeftOut)
        {
            request.Comments.Add("the body is made from the schema");
            draft.Guess(0, $"the body of {request.Name}, made from its schema");
        }
    }

    // §4.8.15: a list is the name as often as it has items, as a query has it; an object is JSON.
    private IEnumerable<string> FormFields(string name, JsonNode? value, bool explode)
    {
        var key = PlanText.Literal(Uri.EscapeDataString(name));
        return value switch
        {
            JsonArray { Count: > 0 } list when explode => list.Select(item => $"{key}={InForm(Flat(item))}"),
            JsonObject map => [$"{key}={InForm(map.ToJsonString(Readable))}"],
            _ => [$"{key}={InForm(Flat(value))}"],
        };

        string InForm(string text) => SchemaExample.IsVariable(text) ? text : Secrets.IsSecretField(name) ? draft.Secrets.Field(name, text) : Uri.EscapeDataString(text);
    }

    // One of the alternatives is enough (§4.8.30): the first, and none where an empty one says that it is optional.
    private void AddCredentials(RequestDraft request, IList<OpenApiSecurityRequirement>? alternatives)
    {
        if (alternatives is not { Count: > 0 } || alternatives.Any(static requirement => requirement.Count == 0))
            return;
        foreach (var (reference, _) in alternatives[0])
        {
            switch (reference.Type)
            {
                case SecuritySchemeType.Http when "basic".Equals(reference.Scheme, StringComparison.OrdinalIgnoreCase):
                    request.Headers.Add(("Authorization", "Basic " + Variable("API_BASIC", reference, "base64 of user:password")));
                    break;
                case SecuritySchemeType.Http when !"bearer".Equals(reference.Scheme, StringComparison.OrdinalIgnoreCase):
                    draft.LeftOut(0, $"the credentials of {request.Name}: the HTTP scheme '{reference.Scheme}'");
                    break;
                case SecuritySchemeType.Http or SecuritySchemeType.OAuth2 or SecuritySchemeType.OpenIdConnect:
                    request.Headers.Add(("Authorization", "Bearer " + Variable("API_TOKEN", reference, "token")));
                    break;
                case SecuritySchemeType.ApiKey when reference.In == ParameterLocation.Header && reference.Name is { } header:
                    request.Headers.Add((header, Variable("API_KEY", reference, "key")));
                    break;
                case SecuritySchemeType.ApiKey when reference.In == ParameterLocation.Cookie:
                    AddCookie(request, $"{reference.Name}={Variable("API_KEY", reference, "key")}");
                    break;
                case SecuritySchemeType.ApiKey when reference.Name is { } parameter:
                    request.Url += (request.Url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"{parameter}={Variable("API_KEY", reference, "key")}";
                    break;
                default:
                    draft.LeftOut(0, $"the credentials of {request.Name}: {reference.Type}");
                    break;
            }
        }
    }

    // A scheme has one variable for all operations.
    private string Variable(string name, OpenApiSecuritySchemeReference scheme, string meaning)
    {
        var id = scheme.Reference?.Id ?? scheme.Name ?? name;
        return draft.Secrets.Variable(name, id, $"security scheme '{id}'", meaning);
    }

    private static void AddCookie(RequestDraft request, string cookie)
    {
        var index = request.Headers.FindIndex(static header => header.Name == "Cookie");
        if (index < 0)
            request.Headers.Add(("Cookie", cookie));
        else
            request.Headers[index] = ("Cookie", $"{request.Headers[index].Value}; {cookie}");
    }

    // In a path that was encoded.
    [GeneratedRegex(@"(?<!\$)\{(?<name>[^{}/]+)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Undescribed();

    private static string Described(IOpenApiParameter parameter) => parameter.Description is { Length: > 0 } text ? text.TrimEnd('.') : $"{{{parameter.Name}}}";
}
