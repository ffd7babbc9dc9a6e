using System.Net;
using System.Text.Json;
using Headroom.Http;
using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Tests.Endpoints;

public abstract partial class EndpointSuite
{
    private static readonly DataSetSpecification Small = DataSetSpecification.Create("small", DataSetSpecification.DefaultSeed);

    [Fact]
    public async Task AnyRequest_WithAGoodKey_IsAnswered()
    {
        var good = ApiKeyRows.DocumentedKeys(Small).Where(row => row.State == "good").ToList();

        Assert.Equal(3, good.Count);
        foreach (var (_, _, key) in good)
        {
            using var response = await Api.GetAsync("/api/v2/settings", ("x-api-key", key));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("old-partner", "has expired")]
    [InlineData("lost-laptop", "was revoked")]
    public async Task AnyRequest_WithAKeyThatIsOver_Is401(string client, string reason)
    {
        var key = ApiKeyRows.DocumentedKeys(Small).Single(row => row.Client == client).Key;

        await AssertRefusedAsync("/api/v2/settings", key, reason);
    }

    [Theory]
    [InlineData("ref_00000000000000000000000000000000", "is not one")]
    [InlineData("' OR 1 = 1 --", "is not one")]
    [InlineData("", "is not one")]
    public async Task AnyRequest_WithAKeyThatIsNone_Is401(string key, string reason)
    {
        await AssertRefusedAsync("/api/v2/settings", key, reason);
        await AssertRefusedAsync("/nowhere", key, reason);
    }

    [Fact]
    public async Task AnyRequest_WithAKeyThatNobodyHas_Is401() =>
        await AssertRefusedAsync("/api/v2/settings", ApiKeyText.Compose(ApiKeyRows.Prefix, new string('0', 16), new string('0', 32)), "is not known");

    [Fact]
    public async Task AnyRequest_WithAKeyTooLong_Is401() => await AssertRefusedAsync("/api/v2/chats", new string('k', 5_000), "is not one");

    [Fact]
    public async Task AnyRequest_WithTwoKeys_Is401()
    {
        var key = ApiKeyRows.DocumentedKeys(Small)[0].Key;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/chats") { Headers = { { "x-api-key", [key, key] } } };
        using var response = await Api.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private async Task AssertRefusedAsync(string path, string key, string reason)
    {
        using var response = await Api.GetAsync(path, ("x-api-key", key));
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("ApiKey", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal(401, problem.GetProperty("status").GetInt32());
        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
