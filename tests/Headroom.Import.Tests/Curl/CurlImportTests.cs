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
            """);

        Assert.Equal("""
            x:1: curl's --insecure; run the plan with --insecure
            x:1: curl's --proxy
            x:1: the form's field 'photo', which is a file
            """, Imported.LeftOut(imported));
        Assert.Contains("name=\"name\"\r\n\r\nMia\r\n", Imported.BodyOf(Imported.Read(imported).Requests[0]), StringComparison.Ordinal);
    }

    /// <summary>What cannot be sent is told, and the rest is sent as curl would: not another method to the same address.</summary>
    [Theory]
    [InlineData("curl -d @- http://h/a", "POST", "x:1: the data of '-'; a plan has one file as a body")]
    [InlineData("curl -F photo=@cat.jpg http://h/a", "POST", "x:1: the form's field 'photo', which is a file")]
    [InlineData("curl --data-urlencode @f http://h/a", "POST", "x:1: --data-urlencode with a file")]
    [InlineData("curl -G --data-urlencode @f http://h/a", "GET", "x:1: --data-urlencode with a file")]
    [InlineData("curl -T - http://h/a", "PUT", "x:1: the upload of '-'; put it into a file and name it with bodyFile")]
    [InlineData("curl -H @names.txt http://h/a", "GET", "x:1: the headers of the file 'names.txt'; write them into the plan")]
    [InlineData("curl 'http://h/a[1-3]/{b,c}'", "GET", "x:1: the other addresses that curl makes of '[1-3]'; write one request each, or a feeder with the values")]
    [InlineData("curl -g 'http://h/a[1-3]'", "GET", "")]
    [InlineData("curl 'http://[::1]:8080/a'", "GET", "")]
    public void Curl_WhatAPlanCannotHave_IsToldAndTheMethodStays(string text, string method, string leftOut)
    {
        var imported = Import(text);
        Assert.Equal(leftOut, Imported.LeftOut(imported));
        Assert.Equal(method, Imported.Read(imported).Requests[0].Method);
    }

    /// <summary>What curl 7.88 sends for each, in its own words between the boundaries.</summary>
    [Theory]
    [InlineData("-F 'a=\"hello\"'", "name=\"a\"\r\n\r\nhello\r\n", "")]
    [InlineData("-F 'a={\"b\":1};type=application/json'", "name=\"a\"\r\nContent-Type: application/json\r\n\r\n{\"b\":1}\r\n", "")]
    [InlineData("-F 'a=\"x;\\\"y\\\"\"z;type=text/x;charset=utf-8;filename=\"n;1.txt\"'", "name=\"a\"; filename=\"n;1.txt\"\r\nContent-Type: text/x; charset=utf-8\r\n\r\nx;\"y\"\r\n", "")]
    [InlineData("-F 'a=x;y'", "name=\"a\"\r\n\r\nx\r\n", "x:1: 'y' of the form's field 'a'")]
    [InlineData("--form-string 'a=\"x\";type=t'", "name=\"a\"\r\n\r\n\"x\";type=t\r\n", "")]
    [InlineData("-F 'password=hunter2'", "name=\"password\"\r\n\r\nvalue-of-API_PASSWORD\r\n", "")]
    public void Curl_FieldsOfForms_AreReadByCurlsRules(string options, string part, string leftOut)
    {
        var imported = Import($"curl {options} http://h/a");
        Assert.Contains(part, Imported.BodyOf(Imported.Read(imported).Requests[0]).Replace("${env.API_PASSWORD}", "value-of-API_PASSWORD", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(leftOut, Imported.LeftOut(imported));
    }

    [Theory]
    [InlineData("curl http://h/token -d 'grant_type=password&user=a&password=hunter2'", "", "grant_type=password&user=a&password=value-of-API_PASSWORD")]
    [InlineData("curl http://h/token --data-urlencode 'password=hunter2' -d user=a", "", "password=value-of-API_PASSWORD&user=a")]
    [InlineData("curl 'http://h/a?n=1&access_token=hunter2'", "?n=1&access_token=value-of-API_ACCESS_TOKEN", "")]
    [InlineData("curl -G http://h/a -d n=1 -d access_token=hunter2", "?n=1&access_token=value-of-API_ACCESS_TOKEN", "")]
    public void Curl_SecretsOfFormsAndQueries_AreVariables(string text, string query, string body)
    {
        var imported = Import(text);
        var request = Imported.Read(imported).Requests[0];
        Assert.Equal((query, body), (request.Url.Query, Imported.BodyOf(request)));
        Assert.DoesNotContain("hunter2", imported.Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("curl http://alice:hunter2@h/a", "http://h/a")]
    [InlineData("curl 'https://al%40ice:hunter2@[::1]:8443/a?x=b@c'", "https://[::1]:8443/a?x=b@c")]
    public void Curl_UserInAnAddress_IsAHeaderAndASecret(string text, string url)
    {
        var imported = Import(text);
        var request = Imported.Read(imported).Requests[0];
        Assert.Equal(url, request.Url.OriginalString);
        Assert.Equal([("Authorization", "Basic value-of-API_BASIC")], request.Headers);
        Assert.DoesNotContain("hunter2", imported.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Curl_HereDocument_IsWhatTheCommandReads()
    {
        var imported = Import("""
            curl http://h/a -H 'Content-Type: application/json' -d @- <<EOF | jq .
            {
              "name": "it's $NAME",
              "n": 1
            }
            EOF
            curl http://h/b --data-binary @- -H 'Content-Type: text/plain' <<-'END'
            """ + "\n\t\ta $X\n\tcurl http://h/no\n\tEND\ncurl http://h/c <<NONE\ncurl http://h/d\n");

        var requests = Imported.Read(imported).Requests;
        Assert.Equal(["/a", "/b", "/c", "/d"], requests.Select(static request => request.Url.AbsolutePath));
        Imported.AssertBody("""{"name":"it's value-of-NAME","n":1}""", requests[0]);
        Assert.Equal("a $X\ncurl http://h/no\n", Imported.BodyOf(requests[1]));
        Assert.Equal(["POST", "POST", "GET", "GET"], requests.Select(static request => request.Method));
        Assert.Equal("x:1: 'jq' is not curl", Imported.LeftOut(imported));
    }

    [Fact]
    public void Curl_WhatOnlyTheShellKnows_IsToldAndADefaultKept()
    {
        var imported = Import("""
            curl "http://h/${ID:-7}/$(date +%s)/a"
            curl "http://h/$1" -d "{\"price\": \"${P%.*}\"}"
            """);

        Assert.Equal("""
            x:1: what the shell puts in place of $(date +%s); it stands in the plan as it is written
            x:2: what the shell puts in place of $1; it stands in the plan as it is written
            x:2: what the shell puts in place of ${P%.*}; it stands in the plan as it is written
            """, Imported.LeftOut(imported));
        Assert.Contains("/${env.ID:-7}/", imported.Yaml, StringComparison.Ordinal);
        Assert.Empty(imported.EnvironmentVariables);
    }

    [Theory]
    [InlineData("curl -d '' http://h/a", "POST", "http://h/a")]
    [InlineData("curl http://h//a/b http://h/c", "GET", "http://h//a/b")]
    public void Curl_EmptyBodyAndDoubleSlash_AreAPlanThatReads(string text, string method, string url)
    {
        var request = Imported.Read(Import(text)).Requests[0];
        Assert.Equal((method, url, ""), (request.Method, request.Url.OriginalString, Imported.BodyOf(request)));
    }

    [Fact]
    public void Curl_HeadersOfOneName_AreOne()
    {
        var request = Imported.Read(Import("curl -b a=b -H 'cookie: c=d' -H 'X-A: 1' -H 'x-a: 2' http://h/a")).Requests[0];
        Assert.Equal([("Cookie", "value-of-API_COOKIE; value-of-API_COOKIE_2"), ("X-A", "1, 2")], request.Headers);
    }

    [Fact]
    public void Curl_UploadFile_IsAPutOfTheFile()
    {
        var imported = Import("curl -T big.bin http://h/put");
        Assert.Equal("# From curl commands in x.\nname: imported\ntarget: http://h\nrequests:\n  - method: PUT\n    url: /put\n    bodyFile: big.bin\n", imported.Yaml);
        Assert.Equal("x:1: the body is read from 'big.bin' beside the plan; put it there", Imported.Guesses(imported));
        Assert.Contains("url: /put/big.bin\n", Import("curl -T ./files/big.bin http://h/put/").Yaml, StringComparison.Ordinal);
        Assert.Equal("x:1: the body is read from 'a.txt' beside the plan; put it there; curl would send it without its line ends", Imported.Guesses(Import("curl -d @a.txt http://h/a")));
    }

    [Theory]
    [InlineData("curl http://h/a\n# fine\ncurl 'http://h/b\ncurl http://h/c\n", "x:3: the quote that begins here does not end")]
    [InlineData("curl \"http://h", "x:1: the quote that begins here does not end")]
    [InlineData("curl $'http://h", "x:1: the quote that begins here does not end")]
    public void Curl_QuoteThatDoesNotEnd_IsToldInsteadOfTakingTheRestIntoIt(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<ImportException>(() => Import(text)).Message, StringComparison.Ordinal);

    /// <summary>As Chromium copies it: every special letter behind a caret, quotes behind backslashes.</summary>
    [Fact]
    public void Curl_OfTheCommandPrompt_IsReadByItsRules()
    {
        var imported = Import("""
            curl ^"https://api.example.com/items?q=a^%^20b^&n=1^" ^
              -H ^"accept: application/json^" ^
              -H ^"authorization: Bearer abc^" ^
              -H ^"content-type: application/json^" ^
              --data-raw ^"^{^\^"name^\^":^\^"B ^\^\^o^\^\^^\^"q^\^"^}^"
            curl.exe "http://127.0.0.1:9/b" -d "{""x"":1}" -H "Content-Type: application/json" ^
              --compressed & curl "http://127.0.0.1:9/c"
            """.ReplaceLineEndings("\r\n"));

        Assert.Empty(Imported.LeftOut(imported));
        var plan = Imported.Read(imported);
        Assert.Equal(["https://api.example.com/items?q=a%20b&n=1", "http://127.0.0.1:9/b", "http://127.0.0.1:9/c"], plan.Requests.Select(static request => request.Url.OriginalString));
        Assert.Equal(["POST", "POST", "GET"], plan.Requests.Select(static request => request.Method));
        Assert.Contains(("authorization", "Bearer value-of-API_TOKEN"), plan.Requests[0].Headers);
        Imported.AssertBody("""{"x":1}""", plan.Requests[1]);
    }

    [Fact]
    public void Curl_VariablesOfTheShell_AreNamedWithThoseToSet()
    {
        Assert.Equal(["API_BASIC", "HOST", "NAME"], Import("curl -u a:b -d n=$NAME $HOST/a").EnvironmentVariables.Order(StringComparer.Ordinal));
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
        ["curl", " ", "\n", "http://h/a", "-d", "-H", "'", "\"", "$'", "\\", "${X}", "$", "{", "}", "x: y", "@f", "?q=1", "ü", "\0", "#", ": ", "- ", "[1]", "--json", "-F", "a=b", "-T", "^", "^\"", "%zz", "<", "&", "http://[", "-X"],
        Import);

    private static ImportedPlan Import(string text) => PlanImport.Curl(text, Imported.Options("x"));
}
