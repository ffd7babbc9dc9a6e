using System.Net;
using System.Text.Json;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    [Fact]
    public async Task GetItems_WalkedByNumber_ShowsEveryItemOfTheFilterOnceNewestFirst()
    {
        const string filter = "category=support&status=done&priority=high";
        var all = new List<JsonElement>();
        for (var page = 1; ; page++)
        {
            var answer = await Api.GetJsonAsync($"/api/items?{filter}&page={page}&pageSize=25");
            Assert.Equal(page, answer.GetProperty("page").GetInt32());
            all.AddRange(answer.GetProperty("items").EnumerateArray());
            if (all.Count >= answer.GetProperty("total").GetInt32())
            {
                Assert.Equal(answer.GetProperty("total").GetInt32(), all.Count);
                break;
            }
        }

        Assert.InRange(all.Count, 30, 200);
        Assert.Equal(all.Count, all.Select(item => item.GetProperty("id").GetInt64()).Distinct().Count());
        var times = all.Select(item => item.GetProperty("createdAt").GetDateTimeOffset()).ToList();
        Assert.Equal(times.OrderDescending(), times);
        Assert.All(all, item =>
        {
            Assert.Equal("support", item.GetProperty("category").GetString());
            Assert.Equal("done", item.GetProperty("status").GetString());
            Assert.Equal("high", item.GetProperty("priority").GetString());
        });
    }

    [Fact]
    public async Task GetItems_ByTagAndText_MatchesBothWithoutRegardToCase()
    {
        var answer = await Api.GetJsonAsync("/api/items?tag=bug&q=LOGIN%20page&pageSize=100");

        var items = answer.GetProperty("items").EnumerateArray().ToList();
        Assert.NotEmpty(items);
        Assert.All(items, item =>
        {
            Assert.Contains("bug", item.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
            Assert.Contains("login page", item.GetProperty("title").GetString(), StringComparison.OrdinalIgnoreCase);
        });
    }

    [Theory]
    [InlineData("l%25n")]
    [InlineData("_____")]
    [InlineData("%5C")]
    [InlineData("'%3B%20DROP%20TABLE%20items%3B%20--")]
    public async Task GetItems_WithWildcardsInTheText_TakesThemLiterally(string text)
    {
        var answer = await Api.GetJsonAsync($"/api/items?q={text}");

        Assert.Equal(0, answer.GetProperty("total").GetInt64());
    }

    [Fact]
    public async Task CreateItem_ThenReadWhatWasReadBefore_ShowsItFirst()
    {
        const string list = "/api/items?category=legal&pageSize=1";
        const string search = "/api/items?q=100%25%20Größe_neu";
        var total = (await Api.GetJsonAsync(list)).GetProperty("total").GetInt64();
        Assert.Equal(0, (await Api.GetJsonAsync(search)).GetProperty("total").GetInt64());

        var created = await Api.PostJsonAsync(
            "/api/items",
            """{"title":"100% GRÖßE_neu","category":"legal","priority":"urgent","assignee":"Noor Khan","tags":["zeta","api","zeta"],"description":"Wörter"}""",
            HttpStatusCode.Created);

        Assert.Equal(["api", "zeta"], created.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal("open", created.GetProperty("status").GetString());
        var listed = await Api.GetJsonAsync(list);
        Assert.Equal(total + 1, listed.GetProperty("total").GetInt64());
        Assert.Equal(created.GetRawText(), Single(listed).GetRawText());
        Assert.Equal(created.GetRawText(), Single(await Api.GetJsonAsync(search)).GetRawText());
    }

    [Fact]
    public async Task GetSignals_Always_SumsUpEachInterval()
    {
        var hours = await Api.GetJsonAsync("/api/signals");
        var fine = await Api.GetJsonAsync("/api/signals?name=cpu&interval=5m&since=2024-12-31T06:00:00Z&until=2024-12-31T07:00:00Z");

        Assert.Equal("2024-12-31T00:00:00+00:00", hours.GetProperty("since").GetString());
        Assert.Equal("2025-01-01T00:00:00+00:00", hours.GetProperty("until").GetString());
        var series = hours.GetProperty("series").EnumerateArray().ToList();
        Assert.Equal(12, series.Count);
        Assert.All(series, one => Assert.Equal(24, one.GetProperty("points").GetArrayLength()));

        var values = fine.GetProperty("series")[0].GetProperty("points").EnumerateArray().Select(point => point.GetProperty("mean").GetDouble()).ToList();
        Assert.Equal(12, values.Count);
        var hour = series.Single(one => one.GetProperty("name").GetString() == "cpu").GetProperty("points")[6];
        Assert.Equal(12, hour.GetProperty("count").GetInt32());
        Assert.Equal(values.Min(), hour.GetProperty("min").GetDouble());
        Assert.Equal(values.Max(), hour.GetProperty("max").GetDouble());
        Assert.Equal(values.Average(), hour.GetProperty("mean").GetDouble(), tolerance: 0.001);
    }

    [Theory]
    [InlineData("since=2024-12-30T12:00:00Z", "2024-12-30T12:00:00+00:00", "2024-12-31T12:00:00+00:00")]
    [InlineData("until=2024-12-30T12:00:00Z", "2024-12-29T12:00:00+00:00", "2024-12-30T12:00:00+00:00")]
    [InlineData("since=9999-12-31T23:59:00Z&until=9999-12-31T23:59:59Z", "9999-12-31T23:59:00+00:00", "9999-12-31T23:59:59+00:00")]
    public async Task GetSignals_WithOneEndOfTheSpan_TakesTheDayBesideIt(string span, string since, string until)
    {
        var signals = await Api.GetJsonAsync($"/api/signals?name=power&{span}");

        Assert.Equal(since, signals.GetProperty("since").GetString());
        Assert.Equal(until, signals.GetProperty("until").GetString());
    }
}
