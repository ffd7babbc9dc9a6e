using Headroom.Load;

namespace Headroom.Import.Tests.Har;

/// <summary>Recorded visits.</summary>
public sealed class HarImportTests(ITestOutputHelper output)
{
    private const string Visit = """
        { "log": { "version": "1.2", "creator": { "name": "WebInspector", "version": "537.36" },
          "pages": [ { "id": "page_1", "title": "https://shop.example/", "startedDateTime": "2026-01-31T12:00:00.000Z" } ],
          "entries": [
            { "pageref": "page_1", "startedDateTime": "2026-01-31T12:00:00.000Z", "time": 100, "_resourceType": "document",
              "request": { "method": "GET", "url": "https://shop.example/", "headers": [ { "name": ":authority", "value": "shop.example" }, { "name": "accept", "value": "text/html" } ] },
              "response": { "status": 200, "content": { "mimeType": "text/html", "text": "<html>" } } },
            { "pageref": "page_1", "startedDateTime": "2026-01-31T12:00:00.100Z", "time": 20, "_resourceType": "image",
              "request": { "method": "GET", "url": "https://shop.example/logo.png", "headers": [] }, "response": { "status": 200, "content": { "mimeType": "image/png" } } },
            { "pageref": "page_1", "startedDateTime": "2026-01-31T12:00:00.120Z", "time": 20, "_resourceType": "xhr",
              "request": { "method": "POST", "url": "https://stats.example/collect", "headers": [] }, "response": { "status": 204, "content": { "mimeType": "" } } },
            { "pageref": "page_1", "startedDateTime": "2026-01-31T12:00:00.150Z", "time": 50, "_resourceType": "fetch",
              "request": { "method": "POST", "url": "https://shop.example/api/login", "headers": [ { "name": "content-type", "value": "application/json" } ],
                "postData": { "mimeType": "application/json", "text": "{\"user\":\"mia\",\"password\":\"pa55\"}" } },
              "response": { "status": 200, "content": { "mimeType": "application/json", "text": "{\"token\":\"abc123def456\",\"cart\":{\"id\":\"c-20260131-7\"}}" } } },
            { "pageref": "page_1", "startedDateTime": "2026-01-31T12:00:02.200Z", "time": 50, "_resourceType": "fetch",
              "request": { "method": "GET", "url": "https://shop.example/api/carts/c-20260131-7/items?limit=5", "headers": [ { "name": "Authorization", "value": "Bearer abc123def456" } ] },
              "response": { "status": 200, "content": { "mimeType": "application/json", "text": "[]" } } },
            { "pageref": "page_1", "startedDateTime": "2026-01-31T12:00:03.000Z", "time": 5, "_resourceType": "fetch", "_fromCache": "memory",
              "request": { "method": "GET", "url": "https://shop.example/api/help", "headers": [] }, "response": { "status": 200, "content": { "mimeType": "application/json" } } }
          ] } }
        """;

    /// <summary>Tools other than Chromium: null where a number is not known, forms in fields that were decoded, no list of headers, two slashes in a path.</summary>
    [Fact]
    public void Har_OfOtherTools_IsRead()
    {
        var imported = Import("""
            { "log": { "entries": [
              { "startedDateTime": "2026-01-31T12:00:00Z", "time": null, "request": { "method": "GET", "url": "https://shop.example//a", "headers": [] }, "response": { "status": 200, "content": {} } },
              { "startedDateTime": "2026-01-31T12:00:00Z", "time": 1, "request": { "method": "GET", "url": "https://shop.example/never", "headers": [] }, "response": { "status": null } },
              { "startedDateTime": "2026-01-31T12:00:00Z", "time": 1, "request": { "method": "POST", "url": "https://mia:hunter2@shop.example/b",
                "postData": { "mimeType": "application/x-www-form-urlencoded", "params": [ { "name": "q", "value": "a b&c ü😀" }, { "name": "r", "value": "x%20y+z" }, { "name": "password", "value": "p 1" } ] } },
                "response": { "status": 200, "content": {} } }
            ] } }
            """);

        var requests = Imported.Sent(Imported.Read(imported));
        Assert.Equal(["https://shop.example//a", "https://shop.example/b"], requests.Select(static request => request.Url.OriginalString));
        Assert.Equal("q=a%20b%26c%20%C3%BC%F0%9F%98%80&r=x%20y+z&password=value-of-API_PASSWORD", Imported.BodyOf(requests[1]));
        Assert.Equal([("Content-Type", "application/x-www-form-urlencoded")], requests[1].Headers);
        Assert.StartsWith("visit.har: 1 request that never reached a server", Imported.LeftOut(imported), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", imported.Yaml + Imported.LeftOut(imported), StringComparison.Ordinal);
    }

    [Fact]
    public void Har_OfAVisit_IsAFlowWithPausesAndValuesFromResponses()
    {
        var imported = Import(Visit);

        Assert.Equal(
            """
            # From visit.har, recorded by WebInspector 537.36: 3 of 6 requests.
            # API_PASSWORD: environment variable with the value of the source (password), which is not written here.
            name: imported
            target: https://shop.example
            flows:
              # what the browser sent at the same time is sent one after another
              visit:
                # page: https://shop.example/
                - url: /
                  headers:
                    accept: text/html
                  checks:
                    - {status: 200}
                - method: POST
                  url: /api/login
                  json:
                    user: mia
                    password: ${env.API_PASSWORD}
                  extract:
                    id: $.cart.id
                    token: $.token
                  checks:
                    - {status: 200}
                - {think: 2s}
                # ${id} stood in the response of POST /api/login
                # ${token} stood in the response of POST /api/login
                - url: /api/carts/${id}/items?limit=5
                  headers:
                    Authorization: Bearer ${token}
                  checks:
                    - {status: 200}
            scenarios:
              # a recording does not say how many people come: ten, one visit after another
              visitors:
                executor: constant-vus
                vus: 10
                duration: 30s

            """,
            imported.Yaml);
        Imported.Read(imported);
        Assert.Equal("""
            visit.har: 1 request that never reached a server: from the browser's cache, blocked or broken off
            visit.har: 1 request for pictures, fonts, styles and scripts; --assets takes them too
            visit.har: 1 request to https://stats.example, which is not the API's origin
            """, Imported.LeftOut(imported));
    }

    [Fact]
    public void Har_WithAssets_TakesThem() =>
        Assert.Contains(Imported.Sent(Imported.Read(PlanImport.Har(Visit, Imported.Options("v") with { Assets = true }))), static request => request.Url.AbsolutePath == "/logo.png");

    [Theory]
    [InlineData("not json", "x:1: is not JSON that a HAR has")]
    [InlineData("{}", "x: is JSON without 'log.entries'")]
    [InlineData("""{ "log": { "entries": [] } }""", "x: no request to an API is left")]
    [InlineData("""{ "log": { "entries": [ null, { "request": { "url": "data:text/plain,x" } } ] } }""", "x: no request to an API is left")]
    [InlineData("""{ "log": { "entries": 7 } }""", "x:1: is not JSON that a HAR has")]
    public void Har_ThatIsNone_SaysWhatToDo(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<ImportException>(() => PlanImport.Har(text, Imported.Options("x"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Har_WithTextsThatLookLikeYamlOrVariables_SendsThemAsTheyWere()
    {
        var imported = Import("""
            { "log": { "entries": [ { "startedDateTime": "2026-01-31T12:00:00Z", "time": 1,
              "request": { "method": "POST", "url": "http://h/a?q=${x}&t=no", "headers": [ { "name": "x-a", "value": "- [yes]: #" } ],
                "postData": { "mimeType": "application/json", "text": "{\"a\":\"${vu}\",\"b\":\"true\",\"c\":\"007\",\"d\":\"1e3\",\"e\":\"\",\"f\":\" x \",\"g\":\"a\\nb\\t\\u0001\",\"h\":null,\"i\":1.50,\"~\":\"~\",\"j\":[[],{}]}" } },
              "response": { "status": 201, "content": {} } } ] } }
            """);

        var request = Imported.Sent(Imported.Read(imported))[0];
        Assert.Equal("- [yes]: #", request.Headers[0].Value);
        Imported.AssertBody(
            """{"a":"${vu}","b":"true","c":"007","d":"1e3","e":"","f":" x ","g":"a\nb\t\u0001","h":null,"i":1.50,"~":"~","j":[[],{}]}""",
            request);
        Assert.Equal(BodyVariables.None, request.BodyVariables);
    }

    /// <summary>Forms in parts, bodies of bytes, web sockets, and entries that do not say when they began, as other exporters write them.</summary>
    [Fact]
    public void Har_OfOtherExporters_LosesNothingInSilence()
    {
        var imported = PlanImport.Har("""
            { "log": { "entries": [
              { "startedDateTime": "2026-01-31T12:00:00Z", "time": 5, "request": { "method": "GET", "url": "http://[::1]:8080/a" }, "response": { "status": 200 } },
              { "startedDateTime": "not a date", "time": -1, "request": { "method": "POST", "url": "http://[::1]:8080/form", "headers": [ { "name": "Content-Type", "value": "multipart/form-data; boundary=\"zz\"" } ],
                "postData": { "mimeType": "multipart/form-data", "params": [ { "name": "a", "value": "1" }, { "name": "f", "fileName": "x.png" } ] } }, "response": { "status": 201 } },
              { "startedDateTime": "2026-01-31T12:00:09Z", "time": 5, "request": { "method": "GET", "url": "http://[::1]:8080/socket" }, "response": { "status": 101 } },
              { "startedDateTime": "2026-01-31T12:00:10Z", "time": 5, "request": { "method": "PUT", "url": "http://[::1]:8080/text", "postData": { "mimeType": "text/plain", "text": "w7w=", "encoding": "base64" } }, "response": { "status": 200 } },
              { "startedDateTime": "2026-01-31T12:00:11Z", "time": 5, "request": { "method": "PUT", "url": "http://[::1]:8080/bytes", "postData": { "mimeType": "image/png", "text": "/9j/", "encoding": "base64" } }, "response": { "status": 200 } },
              null ] } }
            """, Imported.Options("x"));

        var sent = Imported.Read(imported).Flows[0].AllRequests().ToList();
        Assert.Equal(["/a", "/form", "/text", "/bytes"], sent.Select(static request => request.Url.AbsolutePath));
        Assert.Equal("--zz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--zz--\r\n", Imported.BodyOf(sent[1]));
        Assert.Equal("ü", Imported.BodyOf(sent[2]));
        Assert.Equal(
            """
            x: 1 request for a web socket
            x: the files of the form that POST /form sent; put the body into a file and name it with bodyFile
            x: the body of PUT /bytes, which is no text; put it into a file and name it with bodyFile
            """, Imported.LeftOut(imported));
    }

    [Fact]
    public void Har_AnyText_IsAPlanThatReadsOrAnImportException() => Sources.AreReadOrRefused(
        output,
        ["{", "}", "[", "]", ",", "\"log\":", "\"entries\":", "\"request\":", "\"url\":\"http://h/a\"", "\"method\":\"GET\"", "\"response\":{\"status\":200}", "null", "7", "\"startedDateTime\":\"x\"", "\"headers\":[{}]", "\"postData\":{\"text\":\"${\"}"],
        static text => PlanImport.Har(text.Length % 2 == 0 ? text : "{\"log\":{\"entries\":[{\"request\":{\"url\":\"http://h/\"},\"response\":{\"status\":200}}," + text + "]}}", Imported.Options("x")));

    private static ImportedPlan Import(string text) => PlanImport.Har(text, Imported.Options("visit.har"));
}
