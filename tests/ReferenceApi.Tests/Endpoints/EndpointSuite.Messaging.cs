using System.Net;
using System.Text.Json;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    [Fact]
    public async Task GetChats_WalkedToTheEnd_ShowsEveryChatOnceNewestFirst()
    {
        var chats = await Pages.WalkAsync(Api, "/api/v2/chats?limit=37");

        Assert.Equal(400, chats.Count);
        Assert.Equal(400, chats.Select(chat => chat.GetProperty("id").GetInt64()).Distinct().Count());
        var times = chats.Select(chat => chat.GetProperty("lastMessage").GetProperty("sentAt").GetDateTimeOffset()).ToList();
        Assert.Equal(times.OrderDescending(), times);
        Assert.All(chats, chat =>
        {
            Assert.Matches(@"^\S.+ · \w+$", chat.GetProperty("title").GetString());
            Assert.True(chat.GetProperty("createdAt").GetDateTimeOffset() <= chat.GetProperty("lastMessage").GetProperty("sentAt").GetDateTimeOffset());
        });
        Assert.InRange(chats.Sum(chat => chat.GetProperty("unreadMessages").GetInt64()), 300, 1_500);
    }

    [Fact]
    public async Task GetChatMessages_WalkedToTheEnd_ShowsEveryMessageOfTheChatOnceNewestFirst()
    {
        var messages = await Pages.WalkAsync(Api, "/api/v2/chats/7/messages?limit=50");

        Assert.InRange(messages.Count, 300, 700);
        var ids = messages.Select(message => message.GetProperty("id").GetInt64()).ToList();
        Assert.Equal(ids.OrderDescending().Distinct(), ids);
        Assert.All(messages, message => Assert.Equal(7, message.GetProperty("chatId").GetInt64()));
        Assert.Contains(messages, message => message.GetProperty("direction").GetString() == "inbound");
        Assert.Contains(messages, message => message.GetProperty("readAt").ValueKind == JsonValueKind.Null);
        Assert.Contains(messages, message => message.GetProperty("text").GetString()!.Contains('ü', StringComparison.Ordinal)
            || message.GetProperty("text").GetString()!.Any(letter => letter > 127));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("401")]
    [InlineData("-1")]
    [InlineData("99999999999999999999999")]
    [InlineData("abc")]
    public async Task GetChatMessages_OfNoChat_AnswersNotFoundProblem(string id)
    {
        using var response = await Api.GetAsync($"/api/v2/chats/{id}/messages");

        var problem = await ProblemAsync(response, HttpStatusCode.NotFound);
        Assert.StartsWith("There is no chat '", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendMessage_ThenReadWhatWasReadBefore_ShowsItInChatMessagesAndEvents()
    {
        // Reads first, so that a cache holds the state before the write.
        await Api.GetJsonAsync("/api/v2/chats?limit=1");
        await Api.GetJsonAsync("/api/v2/chats/311/messages?limit=1");
        await Api.GetJsonAsync("/api/v2/events?type=message.sent&limit=1");

        using var response = await Api.PostAsync("/api/v2/messages/send", """{"chatId":311,"text":"Olá 👋 \"quoted\"","kind":"text","sender":"Zoë"}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/api/v2/chats/311/messages", response.Headers.Location?.OriginalString);
        var sent = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.True(sent.GetProperty("id").GetInt64() > 20_000);

        var chat = Single(await Api.GetJsonAsync("/api/v2/chats?limit=1"));
        Assert.Equal(311, chat.GetProperty("id").GetInt64());
        Assert.Equal(sent.GetProperty("id").GetInt64(), chat.GetProperty("lastMessage").GetProperty("id").GetInt64());
        Assert.Equal("Olá 👋 \"quoted\"", chat.GetProperty("lastMessage").GetProperty("text").GetString());

        var message = Single(await Api.GetJsonAsync("/api/v2/chats/311/messages?limit=1"));
        Assert.Equal(JsonSerializer.Serialize(sent), JsonSerializer.Serialize(message));
        Assert.Equal("outbound", message.GetProperty("direction").GetString());

        var happened = Single(await Api.GetJsonAsync("/api/v2/events?type=message.sent&limit=1"));
        Assert.Equal(311, happened.GetProperty("chatId").GetInt64());
        Assert.Equal("Zoë", happened.GetProperty("actor").GetString());
    }

    [Fact]
    public async Task SendMessage_FromManyClientsAtOnce_StoresEachOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(
            number => Api.PostJsonAsync("/api/v2/messages/send", $$"""{"chatId":312,"text":"burst {{number}}"}""", HttpStatusCode.Created)));

        Assert.Equal(60, answers.Select(answer => answer.GetProperty("id").GetInt64()).Distinct().Count());
        var messages = await Api.GetJsonAsync("/api/v2/chats/312/messages?limit=60");
        Assert.Equal(
            Enumerable.Range(0, 60).Select(number => $"burst {number}").Order(StringComparer.Ordinal),
            messages.GetProperty("items").EnumerateArray().Select(message => message.GetProperty("text").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SendMessage_ToNoChat_AnswersNotFoundAndStoresNothing()
    {
        var before = await Api.GetJsonAsync("/api/v2/events?limit=1");

        using var response = await Api.PostAsync("/api/v2/messages/send", """{"chatId":12345678,"text":"hello"}""");

        await ProblemAsync(response, HttpStatusCode.NotFound);
        Assert.Equal(before.GetRawText(), (await Api.GetJsonAsync("/api/v2/events?limit=1")).GetRawText());
    }

    [Fact]
    public async Task GetEvents_OfOneTypeInASpan_ShowsThoseAndNoOthers()
    {
        var all = await Pages.WalkAsync(Api, "/api/v2/events?since=2024-12-01&until=2024-12-08T12:00:00Z&limit=500");
        var some = await Pages.WalkAsync(Api, "/api/v2/events?since=2024-12-01&until=2024-12-08T14:00:00%2B02:00&type=chat.opened&limit=33");

        Assert.InRange(all.Count, 1_300, 1_900);
        var times = all.Select(entry => entry.GetProperty("occurredAt").GetDateTimeOffset()).ToList();
        Assert.Equal(times.OrderDescending(), times);
        Assert.All(times, time => Assert.InRange(time, new DateTimeOffset(2024, 12, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2024, 12, 8, 11, 59, 59, 999, TimeSpan.Zero)));
        Assert.Equal(
            all.Where(entry => entry.GetProperty("type").GetString() == "chat.opened").Select(entry => entry.GetRawText()),
            some.Select(entry => entry.GetRawText()));
        Assert.Contains(all, entry => entry.GetProperty("chatId").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task GetHealth_OfAWorkingDatabase_SaysHealthy()
    {
        var health = await Api.GetJsonAsync("/api/v2/health");

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Contains(health.GetProperty("database").GetString(), new[] { "sqlite", "postgresql" });
        Assert.True(health.GetProperty("databaseLatencyMs").GetDouble() > 0);
        Assert.InRange(health.GetProperty("checkedAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task GetInfo_OfTheSmallDataSet_CountsItsRows()
    {
        var info = await Api.GetJsonAsync("/api/v2/info");

        Assert.Equal("small", info.GetProperty("dataSet").GetString());
        var counts = info.GetProperty("counts");
        Assert.Equal(20_000, counts.GetProperty("users").GetInt64());
        Assert.Equal(400, counts.GetProperty("chats").GetInt64());
        Assert.True(counts.GetProperty("messages").GetInt64() >= 20_000);
        Assert.True(counts.GetProperty("items").GetInt64() >= 5_000);
    }

    [Fact]
    public async Task GetSettings_Always_GroupsThemBySection()
    {
        var settings = await Api.GetJsonAsync("/api/v2/settings");

        Assert.Equal(8, settings.EnumerateObject().Count());
        Assert.Equal("4096", settings.GetProperty("messages").GetProperty("maximumLength").GetString());
    }
}
