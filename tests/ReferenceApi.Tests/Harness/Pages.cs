using System.Net;
using System.Text.Json;

namespace ReferenceApi.Tests.Harness;

/// <summary>Walks a list page by page as a client does, by the link in the header, and holds the body's cursor against it.</summary>
internal static class Pages
{
    public static async Task<List<JsonElement>> WalkAsync(ApiServer api, string path, string items = "items")
    {
        var all = new List<JsonElement>();
        for (var next = path; next is not null;)
        {
            using var response = await api.GetAsync(next);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"GET {next} answered {(int)response.StatusCode}: {text}");
            var body = JsonElement.Parse(text);
            var rows = body.GetProperty(items).EnumerateArray().ToList();
            Assert.True(rows.Count > 0 || all.Count == 0, $"GET {next} is an empty page.");
            all.AddRange(rows);

            var cursor = body.GetProperty("next").GetString();
            next = response.Headers.TryGetValues("Link", out var links) ? Target(Assert.Single(links)) : null;
            Assert.Equal(cursor is null, next is null);
            if (next is not null)
                Assert.Contains("cursor=" + cursor, next, StringComparison.Ordinal);
        }

        return all;
    }

    /// <summary>The address in <c>&lt;address&gt;; rel="next"</c>.</summary>
    private static string Target(string link)
    {
        Assert.StartsWith("<", link, StringComparison.Ordinal);
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }
}
