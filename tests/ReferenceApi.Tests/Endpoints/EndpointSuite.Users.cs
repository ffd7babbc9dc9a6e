using System.Globalization;
using System.Text;
using System.Text.Json;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    [Theory]
    [InlineData("createdAt")]
    [InlineData("-createdAt")]
    [InlineData("lastSeenAt")]
    [InlineData("-lastSeenAt")]
    [InlineData("name")]
    [InlineData("-name")]
    public async Task GetUsers_WalkedToTheEnd_ShowsEveryUserOnceInOrder(string sort)
    {
        var users = await Pages.WalkAsync(Api, $"/api/users?sort={sort}&limit=200");

        Assert.Equal(20_000, users.Count);
        var property = sort.TrimStart('-');
        var keys = users.Select(user => (Key: Comparable(user, property), Id: user.GetProperty("id").GetInt64())).ToList();
        var ordered = keys.OrderBy(entry => entry.Key, StringComparer.Ordinal).ThenBy(entry => entry.Id).ToList();
        if (sort.StartsWith('-'))
            ordered.Reverse();

        Assert.Equal(ordered, keys);
        Assert.Equal(20_000, keys.Select(entry => entry.Id).Distinct().Count());
    }

    [Fact]
    public async Task GetUsers_ByDefault_ShowsTheFiftyNewest()
    {
        var page = await Api.GetJsonAsync("/api/users");
        var newest = await Api.GetJsonAsync("/api/users?sort=-createdAt&limit=50");

        Assert.Equal(newest.GetRawText(), page.GetRawText());
        Assert.Equal(50, page.GetProperty("items").GetArrayLength());
        Assert.Equal(20_000, page.GetProperty("items")[0].GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task GetUsers_Always_AreUnequalAndSkewed()
    {
        var users = (await Pages.WalkAsync(Api, "/api/users?limit=200")).ToList();

        var countries = users.CountBy(user => user.GetProperty("country").GetString()!).OrderByDescending(entry => entry.Value).ToList();
        Assert.Equal(18, countries.Count);
        Assert.True(countries[0].Value > 8 * countries[^1].Value);
        Assert.Equal(20_000, users.Select(user => user.GetProperty("email").GetString()).Distinct().Count());
        Assert.InRange(users.Count(user => user.GetProperty("plan").GetString() == "free"), 15_000, 16_200);
        Assert.All(users, user => Assert.Matches(@"^[a-z]+\.[a-z]+\.\d+@example\.com$", user.GetProperty("email").GetString()));
        Assert.All(users, user => Assert.True(user.GetProperty("createdAt").GetDateTimeOffset() <= user.GetProperty("lastSeenAt").GetDateTimeOffset()));
    }

    /// <summary>A text that compares by its letters as the value does: names by code point, as both databases order them.</summary>
    private static string Comparable(JsonElement user, string property) => property == "name"
        ? Convert.ToHexString(Encoding.UTF8.GetBytes(user.GetProperty(property).GetString()!))
        : user.GetProperty(property).GetDateTimeOffset().ToUnixTimeMilliseconds().ToString("D20", CultureInfo.InvariantCulture);
}
