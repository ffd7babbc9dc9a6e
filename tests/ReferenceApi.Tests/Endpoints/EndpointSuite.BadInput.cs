using System.Net;
using System.Text;
using System.Text.Json;
using ReferenceApi.Paging;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    /// <summary>Address, and the fields that the problem must name: all of them.</summary>
    public static TheoryData<string, string> BadQueries { get; } = new()
    {
        { "/api/v2/chats?limit=0", "limit" },
        { "/api/v2/chats?limit=101", "limit" },
        { "/api/v2/chats?limit=", "limit" },
        { "/api/v2/chats?limit=1e2", "limit" },
        { "/api/v2/chats?limit=%2B5", "" },
        { "/api/v2/chats?limit=5&limit=6", "limit" },
        { "/api/v2/chats?LIMIT=5&limit=6", "limit" },
        { "/api/v2/chats?limit=99999999999999999999", "limit" },
        { "/api/v2/chats?cursor=", "cursor" },
        { "/api/v2/chats?cursor=%00", "cursor" },
        { "/api/v2/chats?cursor=!!!!&limit=x", "limit,cursor" },
        { $"/api/v2/chats?cursor={Word("2\n-lastMessageAt\n1\n1")}", "cursor" },
        { $"/api/v2/chats?cursor={Word("1\n-lastMessageAt\n1\nabc")}", "cursor" },
        { $"/api/v2/chats?cursor={Word("1\n-lastMessageAt\n-1\n1")}", "cursor" },
        { $"/api/v2/chats?cursor={Word("1\n-lastMessageAt\n99999999999999999999\n1")}", "cursor" },
        { $"/api/v2/chats?cursor={new string('A', 5_000)}", "cursor" },
        { $"/api/v2/chats?cursor={Cursor.Of("-createdAt", 1, 1)}", "cursor" },
        { $"/api/v2/chats/1/messages?cursor={Cursor.Of("-lastMessageAt", 1, 1)}&limit=201", "limit,cursor" },
        { "/api/v2/events?type=nothing", "type" },
        { "/api/v2/events?type=", "type" },
        { "/api/v2/events?since=yesterday&until=2024-13-01&type=x&limit=501&cursor=y", "type,since,until,limit,cursor" },
        { "/api/v2/events?since=2024-12-02&until=2024-12-01", "until" },
        { "/api/v2/events?since=2024-12-02&until=2024-12-02", "until" },
        { "/api/v2/events?since=2024-12-02T00:00:00+02:00", "since" },
        { "/api/v2/events?since=02.12.2024", "since" },
        { "/api/v2/events?since=0000-00-00", "since" },
        { "/api/v2/events?since=2024-12-02T25:00:00Z", "since" },
        { "/api/v1/data/weight?limit=2001&since=x&source=", "source,since,limit" },
        { $"/api/v1/data/weight?source={new string('s', 101)}", "source" },
        { "/api/v1/data/weight?source=a%00b", "source" },
        { "/api/v1/export?format=xml&metric=mood&limit=50001", "format,metric,limit" },
        { $"/api/v1/export?cursor={Cursor.Of("-recordedAt", 1, 1)}", "cursor" },
        { "/api/items?category=x&status=y&priority=z&tag=&q=&page=0&pageSize=101", "category,status,priority,tag,q,page,pageSize" },
        { $"/api/items?q={new string('q', 101)}", "q" },
        { "/api/items?page=10001", "page" },
        { "/api/items?q=%00", "q" },
        { "/api/signals?name=x&interval=1s", "name,interval" },
        { "/api/signals?interval=5m&since=2024-01-01&until=2025-01-01", "interval" },
        { "/api/signals?since=0001-01-01&until=9999-12-31", "interval" },
        { "/api/users?limit=201&sort=email&cursor=MQ", "sort,limit,cursor" },
        { "/api/users?sort=-id", "sort" },
        { $"/api/users?sort=name&cursor={Cursor.Of("-name", 1, 1)}", "cursor" },
        { $"/api/users?sort=name&cursor={Word("1\nname\n1\nA\0B")}", "cursor" },
        { "/query/stream", "q" },
        { "/query/stream?q=", "q" },
        { $"/query/stream?q={new string('q', 1_001)}&sources=11", "q,sources" },
    };

    /// <summary>Address, body, and the fields that the problem must name: all of them.</summary>
    public static TheoryData<string, string, string> BadBodies { get; } = new()
    {
        { "/api/v2/messages/send", "{}", "chatId,text" },
        { "/api/v2/messages/send", """{"chatId":null,"text":null}""", "chatId,text" },
        { "/api/v2/messages/send", """{"chatId":"1","text":5,"kind":7,"sender":[]}""", "chatId,sender,kind,text" },
        { "/api/v2/messages/send", """{"chatId":1.5,"text":"   ","kind":"fax"}""", "chatId,kind,text" },
        { "/api/v2/messages/send", """{"chatId":99999999999999999999,"text":""}""", "chatId,text" },
        { "/api/v2/messages/send", """{"chatId":1,"text":"a\u0000b"}""", "text" },
        { "/api/v2/messages/send", """{"chatId":1,"text":"\ud83d"}""", "text" },
        { "/api/v2/messages/send", $$"""{"chatId":0,"text":"{{new string('x', 4_097)}}"}""", "chatId,text" },
        { "/api/v1/ingest", "{}", "source,points" },
        { "/api/v1/ingest", """{"source":"s","points":[]}""", "points" },
        { "/api/v1/ingest", """{"source":"s","points":{}}""", "points" },
        { "/api/v1/ingest", """{"source":"s","points":[1,null,{}]}""", "points[0],points[1],points[2].metric,points[2].value" },
        { "/api/v1/ingest", """{"source":"s","points":[{"metric":"steps","value":1e999}]}""", "points[0].value" },
        { "/api/v1/ingest", """{"source":"s","points":[{"metric":"weight","value":"70"}]}""", "points[0].value" },
        { "/api/v1/ingest", """{"source":"s","points":[{"metric":"steps","value":1,"recordedAt":"soon"},{"metric":"steps","value":1,"recordedAt":5}]}""", "points[0].recordedAt,points[1].recordedAt" },
        { "/api/v1/ingest", """{"source":"s","points":[{"metric":"steps","value":1,"recordedAt":"2999-01-01"}]}""", "points[0].recordedAt" },
        { "/api/v1/ingest", $$"""{"source":"s","points":[{{string.Join(',', Enumerable.Repeat("0", 1_001))}}]}""", "points" },
        { "/api/items", "{}", "title,category" },
        { "/api/items", """{"title":"","category":"x","status":"y","priority":"z","assignee":1,"description":2,"tags":"t"}""", "title,description,category,status,priority,assignee,tags" },
        { "/api/items", """{"title":"t","category":"legal","tags":["ok","",5]}""", "tags[1],tags[2]" },
        { "/api/items", """{"title":"t","category":"legal","tags":["1","2","3","4","5","6","7","8","9","10","11"]}""", "tags" },
        { "/query", "{}", "question" },
        { "/query", """{"question":" ","sources":0}""", "question,sources" },
    };

    /// <summary>Bodies that are not a JSON object at all.</summary>
    public static TheoryData<string, string?, int> NotJson { get; } = new()
    {
        { "", "application/json", 400 },
        { "{", "application/json", 400 },
        { "hello", "application/json", 400 },
        { "[]", "application/json", 400 },
        { "null", "application/json", 400 },
        { "{\"a\":1,\"a\":2}", "application/json", 400 },
        { "{\"\\ud800\":1}", "application/json", 400 },
        { "{\"a\":" + new string('[', 100) + new string(']', 100) + "}", "application/json", 400 },
        { "{}", "text/plain", 415 },
        { "{}", null, 415 },
        { "a=1", "application/x-www-form-urlencoded", 415 },
        { "{}", "application/json; charset=utf-16", 415 },
    };

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task Get_WithBadParameters_AnswersOneProblemThatNamesThemAll(string path, string fields)
    {
        using var response = await Api.GetAsync(path);

        if (fields.Length == 0)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return;
        }

        AssertNames(fields, await ProblemAsync(response, HttpStatusCode.BadRequest));
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Post_WithBadFields_AnswersOneProblemThatNamesThemAll(string path, string body, string fields)
    {
        using var response = await Api.PostAsync(path, body);

        AssertNames(fields, await ProblemAsync(response, HttpStatusCode.BadRequest));
    }

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task Post_WithSomethingElseThanAJsonObject_AnswersAProblem(string body, string? contentType, int status)
    {
        foreach (var path in (string[])["/api/v2/messages/send", "/api/v1/ingest", "/api/items", "/query"])
        {
            using var response = await Api.PostAsync(path, body, contentType);

            var problem = await ProblemAsync(response, (HttpStatusCode)status);
            Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        }
    }

    [Fact]
    public async Task Post_WithInvalidUtf8InAText_AnswersAProblem()
    {
        var content = new ByteArrayContent([.. "{\"chatId\":1,\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await Api.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v2/messages/send") { Content = content });

        AssertNames("text", await ProblemAsync(response, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Post_OfABodyOverTheServersLimit_AnswersContentTooLarge()
    {
        var content = new ByteArrayContent(new byte[31 * 1024 * 1024]);
        content.Headers.ContentType = new("application/json");

        // The server refuses without reading; a client that has begun to send would see a broken pipe.
        using var response = await Api.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/items") { Content = content, Headers = { ExpectContinue = true } });

        await ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/api/v2/nothing", 404)]
    [InlineData("GET", "/api/v1/data/", 404)]
    [InlineData("DELETE", "/api/items", 405)]
    [InlineData("POST", "/api/users", 405)]
    [InlineData("GET", "/query", 405)]
    public async Task Request_ForNoEndpoint_AnswersAProblem(string method, string path, int status)
    {
        using var response = await Api.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        await ProblemAsync(response, (HttpStatusCode)status);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Fact]
    public async Task Get_WithBadTimes_SaysWhatToWriteInstead()
    {
        using var response = await Api.GetAsync("/api/v2/events?since=2024-12-02T00:00:00+02:00");

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.Equal(
            "'2024-12-02T00:00:00 02:00' is not a time; write an ISO 8601 date or date and time, for example 2024-12-31 or 2024-12-31T23:59:00Z. "
            + "In an address, write the plus sign of an offset as %2B.",
            problem.GetProperty("errors").GetProperty("since")[0].GetString());
    }

    private static void AssertNames(string fields, JsonElement problem) =>
        Assert.Equal(fields.Split(','), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));

    private static string Word(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
