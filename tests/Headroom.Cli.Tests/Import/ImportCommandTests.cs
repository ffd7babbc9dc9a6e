namespace Headroom.Cli.Tests.Import;

/// <summary><c>headroom import</c> as a person uses it.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("headroom-import-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Import_AccessLog_WritesThePlanAndItsFilesAndSaysWhatItGuessed()
    {
        var lines = Enumerable.Range(0, 40).Select(static index => $"- - - [31/Jan/2026:12:00:{index:00} +0000] \"GET /items/{index % 5} HTTP/1.1\" 200 1");
        await File.WriteAllLinesAsync(Path.Combine(_folder.FullName, "access.log"), lines, TestContext.Current.CancellationToken);

        var result = await RunAsync("import", "access-log", "access.log", "--target", "http://127.0.0.1:9");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("""
            written: access.plan.yaml
            written: FOLDER/access.items.json
            written: FOLDER/access.arrivals.txt
            guessed, please look:
              access.log: ids are told from names by how they look and how many there are; look through the urls
            fine: 1 request, 1 scenario, 1 feeder; 39.001s

            """, result.Output.Replace(Path.GetFullPath(_folder.FullName), "FOLDER", StringComparison.Ordinal));
        var check = await RunAsync("plan", "check", "access.plan.yaml");
        Assert.Equal(0, check.ExitCode);
    }

    [Fact]
    public async Task Import_OntoAFileThatIsThere_IsRefusedAndForced()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "calls.sh"), "curl -H 'Authorization: Bearer abc' http://127.0.0.1:9/a\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "calls.plan.yaml"), "mine", TestContext.Current.CancellationToken);

        var refused = await RunAsync("import", "curl", "calls.sh");
        var kept = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "calls.plan.yaml"), TestContext.Current.CancellationToken);
        var forced = await RunAsync("import", "curl", "calls.sh", "--force");

        Assert.Equal((2, "calls.plan.yaml' exists; --force replaces it, --output writes elsewhere"), (refused.ExitCode, refused.Error.Trim().Trim('\'')));
        Assert.Equal("mine", kept);
        Assert.Equal(0, forced.ExitCode);
        Assert.Contains("set before it is run: API_TOKEN\n", forced.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_CompressedLog_IsReadByWhatItBeginsWith()
    {
        var log = string.Concat(Enumerable.Range(0, 20).Select(static index => $"::1 - - [31/Jan/2026:12:00:{index:00} +0000] \"GET /items HTTP/1.1\" 200 1\n"));
        foreach (var name in new[] { "access.log.gz", "renamed.log" })
        {
            await using var file = new System.IO.Compression.GZipStream(File.Create(Path.Combine(_folder.FullName, name)), System.IO.Compression.CompressionMode.Compress);
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(log), TestContext.Current.CancellationToken);
        }

        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "broken.gz"), [0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "other.bz2"), "BZh91AY", TestContext.Current.CancellationToken);

        Assert.StartsWith("written: access.plan.yaml\n", (await RunAsync("import", "access-log", "access.log.gz")).Output, StringComparison.Ordinal);
        Assert.Contains("fine: 1 request", (await RunAsync("import", "access-log", "renamed.log")).Output, StringComparison.Ordinal);
        var broken = await RunAsync("import", "har", "broken.gz");
        Assert.Equal(2, broken.ExitCode);
        Assert.StartsWith("'broken.gz' begins like a gzip file and cannot be decompressed: ", broken.Error, StringComparison.Ordinal);

        // Logs are appended to one another as they are; one that breaks off, in whichever member, is not taken for all of it.
        var whole = await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, "access.log.gz"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "two.gz"), [.. whole, .. whole], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "cut.gz"), [.. whole, .. whole[..^20]], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("import", "access-log", "two.gz")).ExitCode);
        Assert.StartsWith("# From two.gz: 40 requests of 40 lines.\n", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "two.plan.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var cut = await RunAsync("import", "access-log", "cut.gz");
        Assert.Equal(2, cut.ExitCode);
        Assert.StartsWith("'cut.gz' begins like a gzip file and cannot be decompressed: ", cut.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "cut.plan.yaml")));
        Assert.Equal("'other.bz2' is compressed (bzip2); read is gzip. Decompress it first: a pipe does, with - as the file", (await RunAsync("import", "openapi", "other.bz2")).Error.Trim());
    }

    /// <summary>A default is what the plan has where the environment says nothing; what has none is looked at with something in its place.</summary>
    [Theory]
    [InlineData("__ENV.BASE_URL || 'http://127.0.0.1:9'", "fine: ")]
    [InlineData("__ENV.BASE_URL", "set before it is run: BASE_URL\nfine: ")]
    public async Task Import_ScriptWhoseAddressIsOfTheEnvironment_IsFine(string address, string told)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "s.js"), $"import http from 'k6/http';\nconst BASE = {address};\nexport default () => {{ http.get(`${{BASE}}/a`); }};\n", TestContext.Current.CancellationToken);
        var result = await RunAsync("import", "k6", "s.js");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(told, result.Output, StringComparison.Ordinal);
    }

    /// <summary>Beside another address, too, when the plan's target is none of the environment.</summary>
    [Fact]
    public async Task Import_CommandsWhoseAddressesAreOfTheEnvironment_AreFine()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "calls.sh"), "curl http://127.0.0.1:9/a http://127.0.0.1:9/b\ncurl \"$BASE/c\"\ncurl -X DELETE \"$OTHER/c\"\ncurl http://$HOST_NAME:$PORT_NUMBER/d\n", TestContext.Current.CancellationToken);
        var result = await RunAsync("import", "curl", "calls.sh");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("set before it is run: BASE, OTHER, HOST_NAME, PORT_NUMBER\nfine: 5 requests", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("curl", "calls.sh", "curl http://127.0.0.1:9/a\n")]
    [InlineData("access-log", "x.arrivals.txt", "- - - [31/Jan/2026:12:00:00 +0000] \"GET /a HTTP/1.1\" 200 1\n- - - [31/Jan/2026:12:00:01 +0000] \"GET /a HTTP/1.1\" 200 1\n")]
    [InlineData("k6-summary", "s.json", "{}")]
    public async Task Import_OntoWhatIsImported_IsRefusedEvenWhenForced(string kind, string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);

        // Of the log, it is a file beside the plan that would replace it.
        var result = await RunAsync("import", kind, name, "-o", kind == "access-log" ? "x.yaml" : $"./{name}", "--force");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{name}' is what is read here, and would be replaced; write another name", result.Error, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "x.yaml")));
    }

    [Fact]
    public async Task Import_ToStandardOutput_IsThePlanAlone()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "calls.sh"), "curl http://127.0.0.1:9/a\necho\n", TestContext.Current.CancellationToken);

        var result = await RunAsync("import", "curl", "calls.sh", "-o", "-");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("# From curl commands in calls.sh.\nname: calls\ntarget: http://127.0.0.1:9\nrequests:\n  - /a\n", result.Output);
        Assert.Contains("calls.sh:2: 'echo' is not curl", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "import", "har", "none.har" }, "there is no file 'none.har'")]
    [InlineData(new[] { "import", "har" }, "FILE is missing: The file to import; - reads standard input.\n'headroom import har --help' lists what can be written.")]
    [InlineData(new[] { "import", "k6-summary", "a", "b" }, "'b' is one word too many; 'headroom import k6-summary' takes <FILE>")]
    [InlineData(new[] { "import", "har", "." }, "'.' is a folder; write a file")]
    [InlineData(new[] { "import", "hars", "x" }, "unknown command 'hars'; did you mean 'har'?")]
    [InlineData(new[] { "import", "curl", "x", "--target", "ftp://x" }, "--target: ")]
    [InlineData(new[] { "import", "har", "x", "--writes" }, "unknown option '--writes'")]
    public async Task Import_Misused_SaysWhatToWrite(string[] arguments, string message)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(message, result.Error, StringComparison.Ordinal);
    }

    private async Task<HeadroomProcess.Result> RunAsync(params string[] arguments)
    {
        using var process = HeadroomProcess.Start(arguments, _folder.FullName);
        return await HeadroomProcess.FinishAsync(process);
    }
}
