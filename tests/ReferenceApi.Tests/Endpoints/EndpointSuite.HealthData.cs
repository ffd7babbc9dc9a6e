using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    private const string SeededSpan = "since=2024-01-01&until=2025-01-01";

    [Fact]
    public async Task GetData_WalkedToTheEnd_ShowsEveryReadingOnceAndSummarisesAll()
    {
        var first = await Api.GetJsonAsync($"/api/v1/data/oxygen_saturation?{SeededSpan}&limit=1");
        var readings = await Pages.WalkAsync(Api, $"/api/v1/data/oxygen_saturation?{SeededSpan}&limit=300", "points");

        Assert.Equal("%", first.GetProperty("unit").GetString());
        var summary = first.GetProperty("summary");
        Assert.Equal(summary.GetProperty("count").GetInt64(), readings.Count);
        Assert.Equal(readings.Count, readings.Select(reading => reading.GetProperty("id").GetInt64()).Distinct().Count());
        var values = readings.Select(reading => reading.GetProperty("value").GetDouble()).ToList();
        Assert.Equal(summary.GetProperty("min").GetDouble(), values.Min());
        Assert.Equal(summary.GetProperty("max").GetDouble(), values.Max());
        Assert.Equal(summary.GetProperty("mean").GetDouble(), values.Average(), tolerance: 0.0001);
        Assert.InRange(values.Average(), 96.5, 97.7);
        var times = readings.Select(reading => reading.GetProperty("recordedAt").GetDateTimeOffset()).ToList();
        Assert.Equal(times.OrderDescending(), times);
    }

    [Fact]
    public async Task GetData_OfOneSource_ShowsThatSourceAlone()
    {
        var data = await Api.GetJsonAsync($"/api/v1/data/heart_rate?{SeededSpan}&source=phone-03&limit=2000");

        var points = data.GetProperty("points").EnumerateArray().ToList();
        Assert.Equal(data.GetProperty("summary").GetProperty("count").GetInt64(), points.Count);
        Assert.NotEmpty(points);
        Assert.All(points, point => Assert.Equal("phone-03", point.GetProperty("source").GetString()));
    }

    [Fact]
    public async Task GetData_OfASpanWithoutReadings_HasAnEmptySummary()
    {
        var data = await Api.GetJsonAsync("/api/v1/data/weight?since=1999-01-01&until=2000-01-01");

        Assert.Equal(0, data.GetProperty("summary").GetProperty("count").GetInt64());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("summary").GetProperty("mean").ValueKind);
        Assert.Empty(data.GetProperty("points").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData("mood")]
    [InlineData("WEIGHT")]
    [InlineData("weight%20")]
    public async Task GetData_OfNoMetric_AnswersNotFoundNamingTheMetrics(string metric)
    {
        // Whatever a cache keeps for the metric of the same letters must not answer this.
        await Api.GetJsonAsync("/api/v1/data/weight");

        using var response = await Api.GetAsync($"/api/v1/data/{metric}");

        var problem = await ProblemAsync(response, HttpStatusCode.NotFound);
        Assert.Contains("heart_rate, steps, active_energy", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ingest_ThenReadWhatWasReadBefore_ShowsThePointsInDataAndExport()
    {
        const string data = "/api/v1/data/blood_glucose?source=ingest-test";
        const string export = "/api/v1/export?metric=blood_glucose&since=2031-05-01";
        const string csv = "/api/v1/export?metric=blood_glucose&since=2025-05-01&until=2025-06-01&format=csv";
        Assert.Empty((await Api.GetJsonAsync(data)).GetProperty("points").EnumerateArray());
        Assert.Empty((await Api.GetJsonAsync(export)).GetProperty("items").EnumerateArray());
        Assert.Equal(1, Lines(await TextAsync(csv)));

        var answer = await Api.PostJsonAsync(
            "/api/v1/ingest",
            """{"source":"ingest-test","points":[{"metric":"blood_glucose","value":101.5,"recordedAt":"2025-05-04T03:02:01Z"},{"metric":"blood_glucose","value":99}]}""",
            HttpStatusCode.OK);

        Assert.Equal(2, answer.GetProperty("accepted").GetInt32());
        var points = (await Api.GetJsonAsync(data)).GetProperty("points").EnumerateArray().ToList();
        Assert.Equal([99.0, 101.5], points.Select(point => point.GetProperty("value").GetDouble()));
        Assert.Equal(DateTimeOffset.Parse("2025-05-04T03:02:01Z", CultureInfo.InvariantCulture), points[1].GetProperty("recordedAt").GetDateTimeOffset());
        Assert.InRange(points[0].GetProperty("recordedAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.EndsWith(",blood_glucose,ingest-test,2025-05-04T03:02:01.000Z,101.5\r\n", await TextAsync(csv), StringComparison.Ordinal);
        Assert.Equal(2, Lines(await TextAsync(csv)));
    }

    [Fact]
    public async Task Ingest_OfTheMostPointsAllowed_TakesThemAll()
    {
        var points = string.Join(',', Enumerable.Range(0, 1_000).Select(number => $$"""{"metric":"steps","value":{{number}},"recordedAt":"2025-07-01T00:00:00Z"}"""));

        var answer = await Api.PostJsonAsync("/api/v1/ingest", $$"""{"source":"bulk","points":[{{points}}]}""", HttpStatusCode.OK);

        Assert.Equal(1_000, answer.GetProperty("accepted").GetInt32());
        var data = await Api.GetJsonAsync("/api/v1/data/steps?source=bulk&limit=1");
        Assert.Equal(1_000, data.GetProperty("summary").GetProperty("count").GetInt32());
        Assert.Equal(999, data.GetProperty("summary").GetProperty("max").GetDouble());
    }

    [Fact]
    public async Task Ingest_WithOneWrongPoint_StoresNoneOfThem()
    {
        using var response = await Api.PostAsync(
            "/api/v1/ingest", """{"source":"half","points":[{"metric":"steps","value":1},{"metric":"steps","value":-1},{"metric":"mood","value":"x"}]}""");

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.Equal(
            ["points[1].value", "points[2].metric", "points[2].value"],
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(0, (await Api.GetJsonAsync("/api/v1/data/steps?source=half")).GetProperty("summary").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Export_WalkedToTheEndInBothFormats_HasEverySeededPointOnceOldestFirst()
    {
        var points = await Pages.WalkAsync(Api, $"/api/v1/export?{SeededSpan}&limit=9000");
        var csv = await TextAsync($"/api/v1/export?{SeededSpan}&limit=50000&format=csv");

        Assert.Equal(20_000, points.Count);
        var times = points.Select(point => point.GetProperty("recordedAt").GetDateTimeOffset()).ToList();
        Assert.Equal(times.Order(), times);
        var expected = new StringBuilder("id,metric,source,recordedAt,value\r\n");
        foreach (var point in points)
        {
            expected.Append(
                CultureInfo.InvariantCulture,
                $"{point.GetProperty("id")},{point.GetProperty("metric")},{point.GetProperty("source")},{point.GetProperty("recordedAt").GetDateTimeOffset():yyyy-MM-ddTHH:mm:ss.fffZ},{point.GetProperty("value")}\r\n");
        }

        Assert.Equal(expected.ToString(), csv);
    }

    private static int Lines(string csv) => csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length;

    private async Task<string> TextAsync(string path)
    {
        using var response = await Api.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return await response.Content.ReadAsStringAsync();
    }
}
