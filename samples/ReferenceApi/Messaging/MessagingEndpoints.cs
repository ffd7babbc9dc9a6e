using System.Globalization;
using System.Reflection;
using Headroom.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferenceApi.Caching;
using ReferenceApi.Data;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Input;
using ReferenceApi.Paging;

namespace ReferenceApi.Messaging;

/// <summary>Chats, messages and events of a messaging service, and what it tells about itself.</summary>
internal static class MessagingEndpoints
{
    private const int LongestMessage = 4_096;
    private const int LongestSender = 100;

    private static readonly string[] MessageKinds = ["text", "image", "document", "audio"];

    public static void MapMessaging(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/v2/messages/send", SendMessage);
        app.MapGet("/api/v2/chats", ListChats)
            .KeepAnswers(ResponseCacheTags.Chats, TimeSpan.FromSeconds(10), "limit", "cursor");
        app.MapGet("/api/v2/chats/{id}/messages", ListMessages)
            .KeepAnswers(ResponseCacheTags.Messages, TagOfChat, TimeSpan.FromSeconds(10), "limit", "cursor");
        app.MapGet("/api/v2/events", ListEvents)
            .KeepAnswers(ResponseCacheTags.Events, TimeSpan.FromSeconds(10), "type", "since", "until", "limit", "cursor");
        app.MapGet("/api/v2/health", CheckHealth)
            .NeverShed()
            .KeepAnswers(ResponseCacheTags.Health, TimeSpan.FromSeconds(5));
        app.MapGet("/api/v2/info", GetInfo)
            .KeepAnswers(ResponseCacheTags.Info, TimeSpan.FromSeconds(30));
        app.MapGet("/api/v2/settings", GetSettings)
            .KeepAnswers(ResponseCacheTags.Settings, TimeSpan.FromSeconds(60));
    }

    private static async Task<IResult> SendMessage(HttpContext http, MessagingQueries messaging, ResponseCacheTags cache, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body.Refusal is { } refusal)
            return refusal;

        var problem = new InputProblem();
        var fields = new JsonFields(body.Root, problem);
        var message = new NewMessage(
            fields.Integer("chatId", 1, long.MaxValue),
            fields.OptionalText("sender", LongestSender) ?? "Support",
            fields.OneOf("kind", MessageKinds, fallback: MessageKinds[0]),
            fields.Text("text", LongestMessage));
        if (problem.Answer() is { } invalid)
            return invalid;

        if (await messaging.SendAsync(message, cancellationToken) is not { } sent)
            return NoSuchChat(message.ChatId.ToString(CultureInfo.InvariantCulture));

        await cache.InvalidateAsync(ResponseCacheTags.Chats, ResponseCacheTags.OfChat(sent.ChatId), ResponseCacheTags.Events);
        return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/api/v2/chats/{sent.ChatId}/messages"), sent);
    }

    private static async Task<IResult> ListChats(HttpContext http, MessagingQueries messaging, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var limit = query.Integer("limit", fallback: 20, from: 1, to: 100);
        var after = query.Cursor(MessagingQueries.ChatOrder);
        if (query.Problem() is { } invalid)
            return invalid;

        var page = await messaging.ListChatsAsync(limit, after, cancellationToken);
        PageLink.SetNext(http, page.Next);
        return TypedResults.Ok(page);
    }

    private static async Task<IResult> ListMessages(string id, HttpContext http, MessagingQueries messaging, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var limit = query.Integer("limit", fallback: 50, from: 1, to: 200);
        var after = query.Cursor(MessagingQueries.MessageOrder);
        if (query.Problem() is { } invalid)
            return invalid;

        if (ChatId(id) is not { } chatId
            || await messaging.ListMessagesAsync(chatId, limit, after, cancellationToken) is not { } page)
        {
            return NoSuchChat(id);
        }

        PageLink.SetNext(http, page.Next);
        return TypedResults.Ok(page);
    }

    /// <summary>Of the number, however it is written: 007 is chat 7.</summary>
    private static string TagOfChat(HttpContext http) => ChatId(http.GetRouteValue("id") as string) is { } id ? ResponseCacheTags.OfChat(id) : ResponseCacheTags.Messages;

    private static long? ChatId(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static async Task<IResult> ListEvents(HttpContext http, MessagingQueries messaging, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var type = query.OneOf("type", EventType.All);
        var (since, until) = query.Span();
        var limit = query.Integer("limit", fallback: 100, from: 1, to: 500);
        var after = query.Cursor(MessagingQueries.EventOrder);
        if (query.Problem() is { } invalid)
            return invalid;

        var page = await messaging.ListEventsAsync(type, since, until, limit, after, cancellationToken);
        PageLink.SetNext(http, page.Next);
        return TypedResults.Ok(page);
    }

    private static async Task<IResult> CheckHealth(MessagingQueries messaging, QueryCache cache, Database database, Uptime uptime, TimeProvider time, CancellationToken cancellationToken)
    {
        // A database that does not answer is an exception, which the pipeline turns into 503.
        var latency = await cache.GetAsync("ping", QueryCache.Health, messaging, static (messaging, token) => new ValueTask<TimeSpan>(messaging.PingAsync(token)), cancellationToken);
        return TypedResults.Ok(new Health(
            "healthy",
            database.System,
            Math.Round(latency.TotalMilliseconds, 3),
            Math.Round(uptime.Elapsed.TotalSeconds, 1),
            time.GetUtcNow()));
    }

    private static async Task<IResult> GetInfo(MessagingQueries messaging, QueryCache cache, Database database, DataSetSpecification dataSet, CancellationToken cancellationToken)
    {
        var version = typeof(MessagingEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return TypedResults.Ok(new InstanceInfo(
            "Reference API",
            version.Split('+')[0],
            database.System,
            dataSet.Name,
            DataSetSpecification.TakenAt,
            await cache.GetAsync("counts", QueryCache.Info, messaging, static (messaging, token) => new ValueTask<InstanceCounts>(messaging.CountAsync(token)), cancellationToken)));
    }

    private static async Task<IResult> GetSettings(MessagingQueries messaging, QueryCache cache, CancellationToken cancellationToken) => TypedResults.Ok(
        await cache.GetAsync(
            "settings",
            QueryCache.Settings,
            messaging,
            static (messaging, token) => new ValueTask<Dictionary<string, Dictionary<string, string>>>(messaging.ReadSettingsAsync(token)),
            cancellationToken));

    private static ProblemHttpResult NoSuchChat(string id) =>
        TypedResults.Problem($"There is no chat '{TextRules.Shown(id)}'.", statusCode: StatusCodes.Status404NotFound);
}

/// <summary>How long this process serves.</summary>
internal sealed class Uptime(TimeProvider time)
{
    private readonly long startedAt = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(startedAt);
}
