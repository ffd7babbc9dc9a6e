using System.Globalization;
using ReferenceApi.Caching;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Input;

namespace ReferenceApi.Workspace;

/// <summary>The tasks of a team, and the time series that it watches.</summary>
internal static class WorkspaceEndpoints
{
    private const int MostPages = 10_000;
    private const int MostPointsPerSeries = 2_000;

    private static readonly Dictionary<string, TimeSpan> Intervals = new(StringComparer.Ordinal)
    {
        ["5m"] = TimeSpan.FromMinutes(5),
        ["15m"] = TimeSpan.FromMinutes(15),
        ["1h"] = TimeSpan.FromHours(1),
        ["6h"] = TimeSpan.FromHours(6),
        ["1d"] = TimeSpan.FromDays(1),
    };

    public static void MapWorkspace(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/items", ListItems)
            .KeepAnswers(
                ResponseCacheTags.Items, TimeSpan.FromSeconds(15), "category", "status", "priority", "tag", "q", "page", "pageSize");
        app.MapPost("/api/items", CreateItem);
        app.MapGet("/api/signals", GetSignals)
            .KeepAnswers(ResponseCacheTags.Signals, TimeSpan.FromSeconds(60), "name", "interval", "since", "until");
    }

    private static async Task<IResult> ListItems(HttpContext http, WorkspaceQueries workspace, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var filter = new ItemFilter(
            query.OneOf("category", ItemFields.Categories),
            query.OneOf("status", ItemFields.Statuses),
            query.OneOf("priority", ItemFields.Priorities),
            query.Text("tag", ItemFields.LongestTag),
            query.Text("q", maximumLength: 100));
        var page = query.Integer("page", fallback: 1, from: 1, MostPages);
        var pageSize = query.Integer("pageSize", fallback: 20, from: 1, to: 100);
        if (query.Problem() is { } invalid)
            return invalid;

        return TypedResults.Ok(await workspace.ListItemsAsync(filter, page, pageSize, cancellationToken));
    }

    private static async Task<IResult> CreateItem(HttpContext http, WorkspaceQueries workspace, ResponseCacheTags cache, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body.Refusal is { } refusal)
            return refusal;

        var problem = new InputProblem();
        var fields = new JsonFields(body.Root, problem);
        var item = new NewItem(
            fields.Text("title", ItemFields.LongestTitle),
            fields.OptionalText("description", ItemFields.LongestDescription) ?? "",
            fields.OneOf("category", ItemFields.Categories),
            fields.OneOf("status", ItemFields.Statuses, fallback: "open"),
            fields.OneOf("priority", ItemFields.Priorities, fallback: "medium"),
            fields.OptionalText("assignee", ItemFields.LongestAssignee) ?? "",
            ReadTags(fields));
        if (problem.Answer() is { } invalid)
            return invalid;

        var created = await workspace.CreateItemAsync(item, cancellationToken);
        await cache.InvalidateAsync(ResponseCacheTags.Items);
        return TypedResults.Json(created, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>In the order in which they are stored and listed, each once.</summary>
    private static string[] ReadTags(JsonFields fields)
    {
        var tags = new SortedSet<string>(StringComparer.Ordinal);
        var elements = fields.Array("tags", fewest: 0, ItemFields.MostTags);
        for (var index = 0; index < elements.Count; index++)
            tags.Add(fields.TextOf(elements[index], string.Create(CultureInfo.InvariantCulture, $"tags[{index}]"), ItemFields.LongestTag));

        return [.. tags];
    }

    private static async Task<IResult> GetSignals(HttpContext http, WorkspaceQueries workspace, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var name = query.OneOf("name", SignalSeries.Names);
        var interval = query.OneOf("interval", Intervals.Keys) ?? "1h";
        var (from, to) = query.Span();

        // Without a span, the last day before the end; with one end, the day beside it.
        var day = TimeSpan.FromDays(1);
        var until = to ?? (from is { } start && start < DateTimeOffset.MaxValue - day ? start + day : DataSetSpecification.TakenAt);
        var since = from ?? (until > DateTimeOffset.MinValue + day ? until - day : DateTimeOffset.MinValue);
        var points = (until - since) / Intervals[interval];
        if (points > MostPointsPerSeries)
        {
            query.Refuse("interval", string.Create(
                CultureInfo.InvariantCulture,
                $"From since to until are {points:F0} intervals; at most {MostPointsPerSeries} are allowed. Choose a longer interval or a shorter span."));
        }

        if (query.Problem() is { } invalid)
            return invalid;

        return TypedResults.Ok(new SignalReport(
            since, until, interval, await workspace.ReadSignalsAsync(name, since, until, Intervals[interval], cancellationToken)));
    }
}
