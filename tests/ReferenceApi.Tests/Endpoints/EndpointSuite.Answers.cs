using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ReferenceApi.Answers;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    private const string Question = "How large should a connection pool be?";

    [Fact]
    public async Task Query_AboutSomethingInTheDocuments_AnswersFromTheRightOneAfterTheStatedDelay()
    {
        var elapsed = Stopwatch.StartNew();
        var answer = await Api.PostJsonAsync("/query", $$"""{"question":"{{Question}}","sources":2}""", HttpStatusCode.OK);

        Assert.True(elapsed.ElapsedMilliseconds >= 490, $"It took {elapsed.ElapsedMilliseconds} ms.");
        Assert.Equal(500, answer.GetProperty("simulatedModelDelayMs").GetInt32());
        Assert.Equal(Question, answer.GetProperty("question").GetString());
        var sources = answer.GetProperty("sources").EnumerateArray().ToList();
        Assert.Equal(2, sources.Count);
        Assert.Equal("connection-pools", sources[0].GetProperty("id").GetString());
        Assert.True(sources[0].GetProperty("score").GetDouble() >= sources[1].GetProperty("score").GetDouble());
        Assert.Contains("connections", answer.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_AboutNothingInTheDocuments_SaysSo()
    {
        var answer = await Api.PostJsonAsync("/query", """{"question":"xylophone zebra?"}""", HttpStatusCode.OK);

        Assert.Equal("None of the documents mentions that.", answer.GetProperty("text").GetString());
        Assert.Empty(answer.GetProperty("sources").EnumerateArray());
    }

    [Fact]
    public async Task QueryStream_ToTheEnd_StartsStreamsTheSameTextAndIsDone()
    {
        var whole = await Api.PostJsonAsync("/query", $$"""{"question":"{{Question}}"}""", HttpStatusCode.OK);
        var elapsed = Stopwatch.StartNew();
        using var response = await Api.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "/query/stream?q=" + Uri.EscapeDataString(Question)) { Headers = { { "Accept-Encoding", "br, gzip" } } },
            HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        Assert.DoesNotContain(response.Content.Headers.ContentEncoding, encoding => encoding is "br" or "gzip");
        var events = new List<(string Type, JsonElement Data, TimeSpan At)>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
            events.Add((item.EventType, JsonElement.Parse(item.Data), elapsed.Elapsed));

        Assert.Equal("start", events[0].Type);
        Assert.Equal(500, events[0].Data.GetProperty("simulatedModelDelayMs").GetInt32());
        Assert.Contains("artificial", events[0].Data.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal(whole.GetProperty("sources").GetRawText(), events[0].Data.GetProperty("sources").GetRawText());
        Assert.Equal("done", events[^1].Type);
        var tokens = events[1..^1];
        Assert.All(tokens, token => Assert.Equal("token", token.Type));
        Assert.InRange(tokens.Count, 10, 40);
        Assert.Equal(tokens.Count, events[^1].Data.GetProperty("tokens").GetInt32());
        Assert.Equal(whole.GetProperty("text").GetString(), string.Concat(tokens.Select(token => token.Data.GetProperty("text").GetString())));

        // The delay is spread over the pieces: from the request on, which a busy machine can make longer but not shorter. That the first ones are not held back the next test shows.
        Assert.True(events[^1].At >= TimeSpan.FromMilliseconds(450), $"All events came within {events[^1].At}.");
        Assert.True(tokens[tokens.Count / 2].At >= TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task QueryStream_WhenTheClientGoesAway_Stops()
    {
        var streams = Api.Services.GetRequiredService<StreamMetrics>();
        var wasOpen = false;

        // Left alone a stream goes on for half a second and then completes. A machine that holds this test up for longer gives it another chance.
        for (var attempt = 0; attempt < 10 && streams.Abandoned == 0; attempt++)
        {
            using (var response = await Api.SendAsync(
                new HttpRequestMessage(HttpMethod.Get, "/query/stream?q=" + Uri.EscapeDataString(Question)), HttpCompletionOption.ResponseHeadersRead))
            {
                await using var body = await response.Content.ReadAsStreamAsync();

                // As far as into the first event: the answer's header may come before its work begins.
                await body.ReadExactlyAsync(new byte[60]);
                wasOpen |= streams.Open == 1;
            }

            var waited = Stopwatch.StartNew();
            while (streams.Open > 0 && waited.Elapsed < TimeSpan.FromSeconds(30))
                await Task.Delay(5);
            Assert.Equal(0, streams.Open);
        }

        Assert.True(wasOpen, "The first event came when the stream was over.");
        Assert.True(streams.Abandoned > 0, "The stream ran to its end.");
    }
}
