using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Hosting;

/// <summary>The program as others start it: what it prints, when it ends, what it leaves behind.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("SIGTERM")]
    [InlineData("SIGINT")]
    public async Task Start_ThenSignal_PrintsOneLineServesAndLeavesNothingRunning(string signal)
    {
        using var folder = new DataFolder();
        using var api = ApiProcess.Start("--plain", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        var address = await api.ReadyAsync();
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(address, "/api/v2/health"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(address, "/api/metrics"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri(address, "/api/users?limit=x"))).StatusCode);

        api.Signal(signal);

        Assert.Equal(0, await api.ExitAsync());
        Assert.Equal($"Reference API (plain) listening on {address.OriginalString}{Environment.NewLine}", api.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["running"]));
        Assert.DoesNotContain("fail:", api.Errors, StringComparison.Ordinal);
    }

    /// <summary>What is not configured is not loaded: each of these is a megabyte or two of an idle process.</summary>
    [Fact]
    public async Task Start_WithoutAnExportAndOnSqlite_LoadsNeitherOpenTelemetryNorNpgsql()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded is read from /proc.");
        using var folder = new DataFolder();
        using var api = ApiProcess.Start("--tuned", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        var address = await api.ReadyAsync();
        using var http = new HttpClient();
        foreach (var path in (string[])["/api/v2/health", "/api/v2/chats", "/metrics", "/health/ready"])
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(address, path))).StatusCode);

        var loaded = (await File.ReadAllLinesAsync($"/proc/{api.Id}/maps")).Select(line => Path.GetFileName(line)).Where(name => name.EndsWith(".dll", StringComparison.Ordinal)).Distinct().ToList();

        Assert.Contains("Headroom.Telemetry.Otlp.dll", loaded);
        Assert.DoesNotContain(loaded, name => name.StartsWith("OpenTelemetry", StringComparison.Ordinal));
        Assert.DoesNotContain("Npgsql.dll", loaded);
        Assert.DoesNotContain("Microsoft.AspNetCore.Server.IIS.dll", loaded);
    }

    [Fact]
    public async Task Start_OfTwoAtOnceOnAnEmptyFolder_BuildsOnce()
    {
        using var folder = new DataFolder();
        using var plain = ApiProcess.Start("--plain", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        using var tuned = ApiProcess.Start("--tuned", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        var addresses = await Task.WhenAll(plain.ReadyAsync(), tuned.ReadyAsync());

        using var http = new HttpClient();
        var users = await Task.WhenAll(addresses.Select(address => http.GetStringAsync(new Uri(address, "/api/users"))));
        Assert.Equal(users[0], users[1]);
        var errors = plain.Errors + tuned.Errors;
        Assert.Equal(1, Count(errors, "Built data set 'small':"));
        Assert.Equal(1, Count(errors, "Built data set 'small' with indexes:"));
    }

    [Fact]
    public async Task Start_OfTwoAtOnceOnAnEmptyPostgres_BuildsEachSchemaOnceAndSharesIt()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        using var first = ApiProcess.Start("--plain", database.Argument, "--urls", "http://127.0.0.1:0");
        using var second = ApiProcess.Start("--plain", database.Argument, "--urls", "http://127.0.0.1:0");
        var addresses = await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());

        using var http = new HttpClient();
        var users = await Task.WhenAll(addresses.Select(address => http.GetStringAsync(new Uri(address, "/api/users"))));
        Assert.Equal(users[0], users[1]);
        Assert.Equal(1, Count(first.Errors + second.Errors, "Built data set 'small' in PostgreSQL:"));
    }

    [Theory]
    [InlineData("SIGINT", 130)]
    [InlineData("SIGTERM", 130)]
    [InlineData("SIGKILL", 137)]
    public async Task Signal_InTheMiddleOfABuild_LeavesNoHalfBuiltDataSet(string signal, int exitCode)
    {
        using var folder = new DataFolder();
        using var api = ApiProcess.Start("--plain", "--dataset", "large", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        await api.SaysAsync("Building data set 'large'");
        while (!File.Exists(folder["large.db.building"]) || new FileInfo(folder["large.db.building"]).Length < 1_000_000)
            await Task.Delay(5);

        api.Signal(signal);

        Assert.Equal(exitCode, await api.ExitAsync());
        Assert.Empty(api.Output);
        Assert.False(File.Exists(folder["large.db"]));

        // Whoever is killed cannot tidy up; the next build does, see SqliteDataSetStoreTests.
        Assert.Equal(signal == "SIGKILL", File.Exists(folder["large.db.building"]));
    }

    [Fact]
    public async Task Start_OnAFullDisk_SaysSoAndLeavesNothing()
    {
        using var folder = new DataFolder();

        // Files may grow to 2 MB; beyond that writing fails as on a full disk. The runtime keeps its code in such a file unless told not to.
        using var api = ApiProcess.StartInShell(
            "trap '' XFSZ; ulimit -f 2000; DOTNET_EnableWriteXorExecute=0 exec \"$@\"", "--plain", "--data", folder.Path, "--urls", "http://127.0.0.1:0");

        Assert.Equal(1, await api.ExitAsync());
        Assert.Contains($"The data set 'small' could not be prepared in '{folder.Path}': ", api.Errors, StringComparison.Ordinal);
        Assert.Contains("Free some space or name another folder with --data DIR.", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Path), file => file.Contains("small", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_Again_ReusesTheDataSetWithoutTheWritesOfBefore()
    {
        using var folder = new DataFolder();
        using var http = new HttpClient();
        using (var first = ApiProcess.Start("--tuned", "--data", folder.Path, "--urls", "http://127.0.0.1:0"))
        {
            var address = await first.ReadyAsync();
            using var content = new StringContent("""{"chatId":1,"text":"gone tomorrow"}""", System.Text.Encoding.UTF8, "application/json");
            Assert.Equal(HttpStatusCode.Created, (await http.PostAsync(new Uri(address, "/api/v2/messages/send"), content)).StatusCode);

            // Killed, so that its working copy stays behind.
            first.Signal("SIGKILL");
            await first.ExitAsync();
        }

        var built = File.GetLastWriteTimeUtc(folder["small-indexed.db"]);
        Assert.NotEmpty(Directory.EnumerateFileSystemEntries(folder["running"]));
        using var second = ApiProcess.Start("--tuned", "--data", folder.Path, "--urls", "http://127.0.0.1:0");
        var info = await http.GetStringAsync(new Uri(await second.ReadyAsync(), "/api/v2/info"));

        Assert.Contains("\"messages\":20000,", info, StringComparison.Ordinal);
        Assert.Empty(second.Errors);
        Assert.Equal(built, File.GetLastWriteTimeUtc(folder["small-indexed.db"]));
        Assert.Single(Directory.EnumerateDirectories(folder["running"]));
    }

    [Fact]
    public async Task ParentPid_OfAProcessThatIsKilled_StopsTheApi()
    {
        using var parent = Process.Start("sleep", "300");
        using var api = ApiProcess.Start("--plain", "--data", DataFolder.Shared, "--urls", "http://127.0.0.1:0", "--parent-pid", $"{parent.Id}");
        await api.ReadyAsync();

        parent.Kill();

        Assert.Equal(0, await api.ExitAsync());
    }

    [Fact]
    public async Task ParentPid_OfAZombie_CountsAsGone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Zombies are looked for in /proc.");

        // The shell becomes a sleep that never waits for its child.
        using var shell = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", "sleep 300 & echo $!; exec sleep 300"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var parent = await shell.StandardOutput.ReadLineAsync();
        using var api = ApiProcess.Start("--plain", "--data", DataFolder.Shared, "--urls", "http://127.0.0.1:0", "--parent-pid", parent!);
        await api.ReadyAsync();

        using (var kill = Process.Start("kill", ["-KILL", parent!]))
            await kill.WaitForExitAsync();

        Assert.Equal(0, await api.ExitAsync());
        shell.Kill();
    }

    [Fact]
    public async Task ParentPid_OfNoProcess_EndsAtOnce()
    {
        using var api = ApiProcess.Start("--plain", "--data", DataFolder.Shared, "--urls", "http://127.0.0.1:0", "--parent-pid", "2147483646");

        Assert.Equal(130, await api.ExitAsync());
        Assert.Empty(api.Output);
    }

    [Theory]
    [InlineData(2, "is not a feature; the features are Compression,", "--Headroom:Features:Compresion=true")]
    [InlineData(2, "is not an option. Did you mean --plain?", "--plane")]
    [InlineData(2, "is not a PostgreSQL connection string. Addresses of the form", "--ConnectionStrings:Database=postgres://user:hunter2@db/x?y=z")]
    [InlineData(2, "is not a PostgreSQL connection string. It names no host.", "--ConnectionStrings:Database=Database=x;Password=hunter2")]
    [InlineData(2, "is not a PostgreSQL connection string. It has a key or value", "--ConnectionStrings:Database=Data Source=/tmp/x.db;Password=hunter2")]
    [InlineData(2, "is not a PostgreSQL connection string. It has a key or value", "--ConnectionStrings:Database=Host=db;Pasword=hunter2")]
    [InlineData(2, "'Headroom:Limits:RequestTimeout' is not a setting; the settings are", "--Headroom:Limits:RequestTimeout=00:00:01")]
    [InlineData(2, "'Headroom:Telemetry:SlowRequestThreshold' is 'soon'; write a time", "--Headroom:Telemetry:SlowRequestThreshold=soon")]
    [InlineData(2, "Headroom:Compression:MinimumBytes is -1; allowed are", "--Headroom:Compression:MinimumBytes=-1")]
    [InlineData(2, "'Headroom:Limits:Timeout' is '00:90:00'; write a time", "--Headroom:Limits:Timeout=00:90:00")]
    [InlineData(2, "cannot listen on 'somewhere': Invalid url: 'somewhere'. Give", "--urls=somewhere")]
    [InlineData(1, "cannot listen on 'http://192.0.2.1:80': Cannot assign", "--urls=http://192.0.2.1:80")]
    [InlineData(1, "could not be prepared in PostgreSQL database 'd' at 127.0.0.1:1: ", "--ConnectionStrings:Database=Host=127.0.0.1;Port=1;Password=hunter2;Database=d;Timeout=3")]
    [InlineData(1, "at nowhere.invalid:5432", "--ConnectionStrings:Database=Host=nowhere.invalid;Password=hunter2;Database=d;Timeout=5")]
    public async Task Start_WithSomethingWrong_SaysWhatAndEnds(int exitCode, string message, string argument)
    {
        using var api = ApiProcess.Start("--data", DataFolder.Shared, argument);

        Assert.Equal(exitCode, await api.ExitAsync());
        Assert.Contains(message, api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", api.Errors, StringComparison.Ordinal);
        Assert.Empty(api.Output);
    }

    /// <summary>Not as if the address to listen on were wrong.</summary>
    [Fact]
    public async Task Start_WithAReceiverOfTelemetryThatIsNoUrl_SaysSo()
    {
        using var api = ApiProcess.StartInShell("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317 exec \"$@\"", "--data", DataFolder.Shared, "--urls", "http://127.0.0.1:0");

        Assert.Equal(2, await api.ExitAsync());
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'; write an http or https URL", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("--urls", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", api.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAnAddressInUse_SaysSo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        using var api = ApiProcess.Start("--data", DataFolder.Shared, "--urls", $"http://127.0.0.1:{port}");

        Assert.Equal(1, await api.ExitAsync());
        Assert.Contains($"cannot listen on 'http://127.0.0.1:{port}': it is in use by another program.", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", api.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_InAFolderThatIsAFile_SaysSo()
    {
        using var folder = new DataFolder();
        await File.WriteAllTextAsync(folder["file"], "");

        using var api = ApiProcess.Start("--data", folder["file"]);

        Assert.Equal(1, await api.ExitAsync());
        Assert.Contains("could not be prepared in", api.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", api.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--plain", null, null, "plain")]
    [InlineData("--framework", null, null, "framework")]
    [InlineData("--framework", "false", null, "custom")]
    [InlineData("--tuned", null, null, "tuned")]
    [InlineData(null, null, null, "tuned")]
    [InlineData("--plain", "true", null, "custom")]
    [InlineData("--plain", "true", "false", "plain")]
    [InlineData("--tuned", "false", "true", "tuned")]
    [InlineData(null, "false", null, "custom")]
    public async Task Start_WithPresetEnvironmentAndSwitch_LetsTheLaterWin(string? preset, string? environment, string? commandLine, string label)
    {
        var arguments = new List<string> { "--data", DataFolder.Shared, "--urls", "http://127.0.0.1:0" };
        if (preset is not null)
            arguments.Add(preset);

        if (commandLine is not null)
            arguments.Add($"--Headroom:Features:Compression={commandLine}");

        using var api = environment is null
            ? ApiProcess.Start([.. arguments])
            : ApiProcess.StartInShell($"Headroom__Features__Compression={environment} exec \"$@\"", [.. arguments]);
        await api.ReadyAsync();

        Assert.StartsWith($"Reference API ({label}) ", api.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_Always_ListsEveryOption()
    {
        using var api = ApiProcess.Start("--help");

        Assert.Equal(0, await api.ExitAsync());
        Assert.All(
            (string[])["--plain", "--framework", "--tuned", "--dataset", "--data DIR", "--seed", "--urls", "--parent-pid"],
            option => Assert.Contains(option, api.Output, StringComparison.Ordinal));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
