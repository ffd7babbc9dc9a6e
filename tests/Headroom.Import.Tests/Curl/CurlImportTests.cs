namespace Headroom.Import.Tests.Curl;

/// <summary>curl command lines as people write them, browsers copy them and documentation shows them.</summary>
public sealed class CurlImportTests(ITestOutputHelper output)
{
    [Fact]
    public void Curl_AsBrowsersCopyIt_KeepsWhatAnApiReadsAndNoSecret()
    {
        var imported = Import("""
            curl 'https://api.example.com/v2/chats?limit=20' \
              -H 'accept: application/json' \
              -H 'authorization: Bearer eyJhbGciOi.secret' \
              -H 'cookie: session=s3cr3t' \
              -H 'sec-fetch-mode: cors' -H 'user-agent: Mozilla/5.0' \
              -H 'content-type: application/json' \
              --data-raw $'{"text":"it\'s \u00fcber","password":"hunter2","n":1}' \
              --compressed
            """);

        var request = Assert.Single(Imported.Read(imported).Requests);
        Assert.Equal("https://api.example.com/v2/chats?limit=20", request.Url.ToString());
        Assert.Equal("POST", request.Method);
        Imported.AssertBody("""{"text":"it's über","password":"value-of-API_PASSWORD","n":1}""", request);
        Assert.Equal(["accept", "authorization", "cookie", "Accept-Encoding", "Content-Type"], request.Headers.Select(static header => header.Name));
        Assert.DoesNotContain("secret", imported.Yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", imported.Yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", imported.Yaml, StringComparison.Ordinal);
        Assert.Equal(["API_TOKEN", "API_COOKIE", "API_PASSWORD"], imported.EnvironmentVariables);
    }

    [Theory]
    [InlineData("curl http://h/a", "GET", "/a", "")]
    [InlineData("curl -X DELETE http://h/a/7", "DELETE", "/a/7", "")]
    [InlineData("curl -XPUT http://h/a -d x=1 -d y=2", "PUT", "/a", "x=1&y=2")]
    [InlineData("curl -d @- http://h/a -d 'k=v'", "POST", "/a", "k=v")]
    [InlineData("curl -G http://h/a -d x=1 --data-urlencode 'q=a b&c'", "GET", "/a?x=1&q=a%20b%26c", "")]
    [InlineData("curl -I http://h/a", "HEAD", "/a", "")]
    [InlineData("curl -sSL -o /dev/null -w '%{http_code}' http://h/a", "GET", "/a", "")]
    [InlineData("curl --json '[1, 2]' http://h/a", "POST", "/a", "[1,2]")]
    [InlineData("curl h/a#top", "GET", "/a", "")]
    [InlineData("curl \"http://h/a?x=$ID&y=${NAME}\"", "GET", "/a?x=value-of-ID&y=value-of-NAME", "")]
    [InlineData("TOKEN=1 sudo curl 'http://h/a b/ü?q=${x}' | jq .", "GET", "/a%20b/%C3%BC?q=%24%7Bx%7D", "")]
    [InlineData("curl http://h/a > out.json 2>&1", "GET", "/a", "")]
    public void Curl_OfAnyForm_IsTheRequestThatItSends(string command, string method, string pathAndQuery, string body)
    {
        var imported = Import(command);

        var request = Imported.Read(imported with { EnvironmentVariables = ["ID", "NAME"] }).Requests[0];
        Assert.Equal(method, request.Method);
        Assert.Equal(Uri.UnescapeDataString(pathAndQuery), Uri.UnescapeDataString(request.Url.PathAndQuery).Replace("$${", "${", StringComparison.Ordinal));
        Assert.Equal(body, Imported.BodyOf(request).Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Curl_SeveralCommands_AreSeveralRequestsOfTheCommonestOrigin()
    {
        var imported = Import("""
            #!/bin/sh
            # a comment with curl http://no/
            curl http://a.example/1 http://a.example/2 --next http://b.example/3
            echo done
            curl -u alice:pw http://a.example/4 -m 2.5
            """);

        var plan = Imported.Read(imported);
        Assert.Equal(["http://a.example/1", "http://a.example/2", "http://b.example/3", "http://a.example/4"], plan.Requests.Select(static request => request.Url.ToString()));
        Assert.Contains("target: http://a.example", imported.Yaml, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(2.5), plan.Requests[3].Timeout);
        Assert.Equal("Basic value-of-API_BASIC", plan.Requests[3].Headers[0].Value);
        Assert.Equal("x:4: 'echo' is not curl", Imported.LeftOut(imported));
    }

    [Fact]
    public void Curl_WhatAPlanCannotSay_IsToldWithItsLine()
    {
        var imported = Import("""
            curl -k --proxy http://p:1 \
              -F photo=@cat.png -F name=Mia \
              http://h/upload
            curl -T big.bin http://h/put
            """);

        Assert.Equal("""
            x:1: curl's --insecure; run the plan with --insecure
            x:1: curl's --proxy
            x:1: the form's field 'photo', which is a file
            x:4: curl's --upload-file
            """, Imported.LeftOut(imported));
        Assert.Contains("name=\"name\"\r\n\r\nMia\r\n", Imported.BodyOf(Imported.Read(imported).Requests[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wget http://h/")]
    [InlineData("curl -v")]
    public void Curl_NoAddress_SaysWhatToWrite(string text)
    {
        var error = Assert.Throws<ImportException>(() => Import(text));
        Assert.Equal("x: there is no curl command with an address; write for example: curl https://api.example.com/items", error.Message);
    }

    [Fact]
    public void Curl_AnyText_IsAPlanThatReadsOrAnImportException() => Sources.AreReadOrRefused(
        output,
        ["curl", " ", "\n", "http://h/a", "-d", "-H", "'", "\"", "$'", "\\", "${X}", "$", "{", "}", "x: y", "@f", "?q=1", "ü", "\0", "#", ": ", "- ", "[1]", "--json", "-F", "a=b", "%zz", "<", "&", "http://[", "-X"],
        Import);

    private static ImportedPlan Import(string text) => PlanImport.Curl(text, Imported.Options("x"));
}
