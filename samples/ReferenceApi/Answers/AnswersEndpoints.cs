using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headroom.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferenceApi.Hosting;
using ReferenceApi.Input;

namespace ReferenceApi.Answers;

/// <summary>Questions to a small document collection, answered at once or as a stream of server-sent events.</summary>
internal static class AnswersEndpoints
{
    /// <summary>The concurrency limit of answers, which wait for the model.</summary>
    public const string Places = "answers";

    private const int LongestQuestion = 1_000;
    private const int MostSources = 10;
    private const int DefaultSources = 3;

    // As the other answers are written: letters as they are, not as escapes.
    private static readonly ApiJsonContext EventJson = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static void MapAnswers(this IEndpointRouteBuilder app, FeatureSet features)
    {
        app.MapPost("/query", Query).ConcurrencyLimit(Places);
        if (features[Feature.Streaming])
            app.MapGet("/query/stream", StreamAnswerResumably).ConcurrencyLimit(Places);
        else
            app.MapGet("/query/stream", StreamAnswer).ConcurrencyLimit(Places);
    }

    private static async Task<IResult> Query(HttpContext http, AnswerEngine engine, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body.Refusal is { } refusal)
            return refusal;

        var problem = new InputProblem();
        var fields = new JsonFields(body.Root, problem);
        var question = fields.Text("question", LongestQuestion);
        var sources = (int)fields.Integer("sources", 1, MostSources, DefaultSources);
        if (problem.Answer() is { } invalid)
            return invalid;

        return TypedResults.Ok(await engine.AnswerAsync(question, sources, cancellationToken));
    }

    private static IResult StreamAnswer(HttpContext http, AnswerEngine engine, StreamMetrics metrics, CancellationToken cancellationToken)
    {
        if (ReadQuestion(http, out var question, out var sources) is { } invalid)
            return invalid;

        // Proxies that buffer answers would hold the pieces back.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(Events(engine, metrics, question, sources, cancellationToken));
    }

    private static IResult StreamAnswerResumably(HttpContext http, AnswerEngine engine, StreamMetrics metrics)
    {
        if (ReadQuestion(http, out var question, out var sources) is { } invalid)
            return invalid;

        return HeadroomResults.EventStream(cancellationToken =>
            Events(engine, metrics, question, sources, cancellationToken).Select(item => new ServerSentEvent(item.Data, item.EventType)));
    }

    private static ValidationProblem? ReadQuestion(HttpContext http, out string question, out int sources)
    {
        var query = new QueryParameters(http.Request.Query);
        question = query.RequiredText("q", LongestQuestion);
        sources = query.Integer("sources", DefaultSources, from: 1, MostSources);
        return query.Problem();
    }

    private static async IAsyncEnumerable<SseItem<string>> Events(
        AnswerEngine engine, StreamMetrics metrics, string question, int sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = metrics.Begin();
        var answer = engine.Compose(question, sources);
        var json = EventJson;
        yield return new SseItem<string>(
            JsonSerializer.Serialize(new AnswerStart(question, answer.Sources, AnswerEngine.ModelDelayMs, AnswerEngine.Note), json.AnswerStart), "start");

        var tokens = 0;
        await foreach (var token in engine.StreamAsync(answer, cancellationToken))
        {
            tokens++;
            yield return new SseItem<string>(JsonSerializer.Serialize(new AnswerToken(token), json.AnswerToken), "token");
        }

        yield return new SseItem<string>(JsonSerializer.Serialize(new AnswerDone(tokens), json.AnswerDone), "done");
        stream.Complete();
    }
}
