using System.Security.Cryptography.X509Certificates;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Tests.Configuration;

public sealed class GatewayFileTests
{
    private static readonly CommandLineAddresses Nothing = new([], []);

    [Fact]
    public void Read_OnlyUpstreams_EverythingElseHasItsDefault()
    {
        var settings = Read("upstreams: http://127.0.0.1:3000/")!;

        Assert.Equal([ListenSettings.Default], settings.Listen);
        var route = Assert.Single(settings.Routes);
        Assert.Equal("/", route.Path);
        Assert.Equal(UpstreamSettings.Default("http://127.0.0.1:3000"), Assert.Single(route.Upstreams));
        Assert.Equal(new ForwardOptions(), route.Forward);
        Assert.Equal((LimitSettings.Default, DrainSettings.Default), (settings.Limits, settings.Drain));
    }

    [Fact]
    public void Read_EveryKey_IsUnderstood()
    {
        var settings = Read("""
            listen:
              - http://*:8080
              - { url: "http://[::1]:8081", protocols: http2 }
            upstreams: [ http://a:1, http://b:2/base/ ]
            protocol: http2
            connections: 10
            queue: 20
            verifyCertificate: false
            host: upstream
            via: edge-1
            forwarded: { policy: append, fields: both, trustedProxies: [ 10.0.0.0/8, "::1" ] }
            timeouts: { connect: 250ms, response: 1m, idle: 1h }
            retries: 3
            maxBody: 10MB
            health: { path: /up, interval: 1s, timeout: 500ms, unhealthyAfter: 2, healthyAfter: 1, failures: 0, rest: 3s }
            limits: { connections: 5, head: 16KiB, requestLine: 4KiB, headTimeout: 5s, keepAlive: 1m }
            drain: { delay: 0s, timeout: 1m }
            routes:
              - path: /api
                hosts: [ API.example.com, "*.example.org" ]
              - path: /big
                upstreams: [ http://c:3 ]
                maxBody: unlimited
                via: off
                host: client
                timeouts: { response: 2s }
                health: { interval: 9s }
            """)!;

        Assert.Equal(("*", 8080, HttpProtocols.Http1), (settings.Listen[0].Host, settings.Listen[0].Port, settings.Listen[0].Protocols));
        Assert.Equal(("::1", 8081, HttpProtocols.Http2), (settings.Listen[1].Host, settings.Listen[1].Port, settings.Listen[1].Protocols));
        Assert.Equal(new LimitSettings(5, 16 * 1024, 4096, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)), settings.Limits);
        Assert.Equal(new DrainSettings(TimeSpan.Zero, TimeSpan.FromMinutes(1)), settings.Drain);

        var (api, big) = (settings.Routes[0], settings.Routes[1]);
        Assert.Equal(["api.example.com", "*.example.org"], api.Hosts);
        var health = new HealthSettings("/up", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500), 2, 1, 0, TimeSpan.FromSeconds(3));
        Assert.Equal(
            [new UpstreamSettings("http://a:1", UpstreamProtocol.Http2, 10, 20, TimeSpan.FromMilliseconds(250), VerifyCertificate: false, health), new UpstreamSettings("http://b:2/base", UpstreamProtocol.Http2, 10, 20, TimeSpan.FromMilliseconds(250), VerifyCertificate: false, health)],
            api.Upstreams);
        Assert.Equal((HostPolicy.Upstream, "edge-1", 3, 10_000_000L), (api.Forward.Host, api.Forward.Via, api.Forward.Retries, api.Forward.MaxBodyBytes!.Value));
        Assert.Equal((OriginPolicy.Append, OriginFields.XForwarded | OriginFields.Forwarded, 2), (api.Forward.Origin.Policy, api.Forward.Origin.Fields, api.Forward.Origin.TrustedProxies.Count));
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)), (api.Forward.ResponseTimeout, api.Forward.IdleTimeout));

        // What a route says itself takes the place of what is at the top, key by key.
        Assert.Equal("http://c:3", Assert.Single(big.Upstreams).Address);
        Assert.Equal(health with { Interval = TimeSpan.FromSeconds(9) }, big.Upstreams[0].Health);
        Assert.Null(big.Forward.Via);
        Assert.Null(big.Forward.MaxBodyBytes);
        Assert.Equal((HostPolicy.Preserve, TimeSpan.FromSeconds(2), TimeSpan.FromHours(1)), (big.Forward.Host, big.Forward.ResponseTimeout, big.Forward.IdleTimeout));
    }

    [Fact]
    public void Read_ManyMistakes_AreAllToldWithTheirPlaces()
    {
        var problems = Problems("""
            listen: [ ftp://x, "http://127.0.0.1:99999", "https://127.0.0.1:1", { url: "http://127.0.0.1:1", protocols: http1+http2 } ]
            upstreams: [ 127.0.0.1:3000, "http://user:secret@b:2" ]
            retrys: 3
            retries: 99
            forwarded: { policy: append }
            timeouts: { response: 5 }
            maxBody: big
            host: prserve
            health: { path: up, failures: -1 }
            routes:
              - path: api
              - hosts: [ "http://x" ]
                upstreams: [ http://c:3 ]
              - upstreams: []
              - just text
            """);

        Assert.Equal(
            [
                "gateway.yaml:1:11: 'ftp://x' is not an address to listen on; write one such as http://127.0.0.1:8080",
                "gateway.yaml:1:20: 'http://127.0.0.1:99999' has no port from 0 to 65535; write one such as http://127.0.0.1:8080",
                "gateway.yaml:1:46: 'https://127.0.0.1:1' needs a certificate; write it in gateway.yaml: listen: [ { url: https://127.0.0.1:1, certificate: cert.pem, key: key.pem } ]",
                "gateway.yaml:1:76: 'http://127.0.0.1:1' cannot tell HTTP/1.1 from HTTP/2 without TLS; write protocols: http1 or http2, or https with a certificate",
                "gateway.yaml:2:14: '127.0.0.1:3000' is not the address of an upstream; write one such as http://127.0.0.1:3000",
                "gateway.yaml:2:30: the address of b carries a user name or password; the gateway passes the client's Authorization field on and sends none of its own",
                "gateway.yaml:4:10: 'retries' must be a whole number from 0 to 10; found '99'",
                "gateway.yaml:5:22: 'policy: append' believes what proxies say, so it needs to know which; write trustedProxies: [ 10.0.0.0/8 ], or policy: set",
                "gateway.yaml:6:23: 'response' must be a duration with its unit, such as 250ms, 10s or 1m30s, from 0.001s to 86400s; found '5'",
                "gateway.yaml:7:10: 'maxBody' must be a size such as 10MB (B, kB, MB, GB, KiB, MiB, GiB) from 0 to 1125899906842624 bytes; found 'big'",
                "gateway.yaml:8:7: 'host' is 'prserve'; allowed: automatic, client, upstream",
                "gateway.yaml:9:17: 'path' is 'up'; write a path that begins with a slash, such as /health",
                "gateway.yaml:9:31: 'failures' must be a whole number from 0 to 1000; found '-1'",
            ],
            problems.Where(problem => !problem.Contains("retrys", StringComparison.Ordinal) && int.Parse(problem.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture) < 10));
        Assert.Contains(problems, problem => problem.StartsWith("gateway.yaml:3:1: unknown key 'retrys' in the file; allowed: ", StringComparison.Ordinal) && problem.EndsWith("; did you mean 'retries'?", StringComparison.Ordinal));
        Assert.Contains("gateway.yaml:11:11: 'path' is 'api'; write a prefix that begins with a slash, without query and wildcards, such as /api", problems);
        Assert.Contains("gateway.yaml:12:14: 'http://x' is not a host; write a name without scheme and port, such as api.example.com or *.example.com", problems);
        Assert.Contains("gateway.yaml:14:16: 'upstreams' is empty; write at least one address, such as http://127.0.0.1:3000", problems);
        Assert.Contains("gateway.yaml:15:5: a route must be a mapping of keys to values; found 'just text'", problems);
        Assert.DoesNotContain(problems, problem => problem.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "gateway.yaml:1:1: the file is empty; write at least upstreams: [ http://127.0.0.1:3000 ]")]
    [InlineData("a: [", "gateway.yaml:2:1: not valid YAML")]
    [InlineData("a: {", "gateway.yaml:2:1: not valid YAML")]
    [InlineData("- a", "gateway.yaml:1:1: the file must be a mapping of keys to values; found a list")]
    [InlineData("drain: {}", "gateway.yaml:1:1: the file has neither 'upstreams' nor 'routes'; write at least upstreams: [ http://127.0.0.1:3000 ], or --upstream on the command line")]
    [InlineData("upstreams: http://a:1\n---\nupstreams: http://b:1", "gateway.yaml:3:1: a second document begins here; the file is one document")]
    [InlineData("upstreams: &a [ *a ]", "gateway.yaml:1:17: aliases are not allowed; write the value out")]
    [InlineData("routes: [ { path: /a, upstreams: http://a:1 }, { path: /a, upstreams: http://b:1 } ]", "gateway.yaml:1:48: another route has the same path '/a'; write one of them")]
    public void Read_FileOutOfForm_SaysWhereAndWhatToWrite(string text, string expected)
    {
        Assert.StartsWith(expected, Problems(text)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_StoreRedisPurge_AreUnderstood()
    {
        Environment.SetEnvironmentVariable("HEADROOM_TEST_PURGE_TOKEN", "0123456789abcdef");
        var settings = Read("""
            upstreams: http://a:1
            store: { bytes: 1GB, bodyBytes: 1MB, heuristicMax: 0s, staleWhileRevalidate: 10s, staleIfError: 1h, honourRequest: off, debug: on }
            redis: localhost:6379
            purge: { path: /p, tokenEnvironment: HEADROOM_TEST_PURGE_TOKEN }
            cache: { for: 30s, statuses: { 404: 10s }, tags: [ a ], varyByHeader: [ Accept-Language ], varyByQuery: [], staleWhileRevalidate: 2m, staleIfError: 1h, shareAuthorized: on, ignoreHost: on, honourRequest: on }
            compression: off
            """)!;

        Assert.Equal(new PurgeSettings("/p", "0123456789abcdef"), settings.Purge);
        Assert.Equal("localhost:6379", settings.Redis);
        Assert.Equal(("1000000000", "00:00:10", "False", "True"), (Value("MaxBytes"), Value("StaleWhileRevalidate"), Value("HonourRequestDirectives"), Value("Debug")));
        Assert.Equal(2, Assert.Single(settings.Routes).Metadata.Count);

        string? Value(string name) => settings.Headroom["Headroom:ResponseCache:" + name];
    }

    [Theory]
    [InlineData("redis: { environment: HEADROOM_TEST_NOT_SET }", "gateway.yaml:2:23: environment variable 'HEADROOM_TEST_NOT_SET' is not set; set it, or write file")]
    [InlineData("redis: { file: /nowhere/x }", "gateway.yaml:2:16: 'file' cannot be read: ")]
    [InlineData("redis: 'localhost,pasword=x'", "gateway.yaml:2:8: 'redis' is no connection string: ")]
    [InlineData("purge: { path: /p }", "gateway.yaml:2:8: write one of 'tokenFile' and 'tokenEnvironment'")]
    [InlineData("cache: { fro: 1s }", "gateway.yaml:2:10: unknown key 'fro' in 'cache'; allowed: for, statuses, ")]
    [InlineData("cache: { statuses: { 304: 1s } }", "gateway.yaml:2:22: '304' is not a status that can be stored")]
    [InlineData("cache: { tags: [ '*' ] }", "gateway.yaml:2:18: 'tags' has '*'; write 1 to 1024 letters without line breaks, and not *")]
    [InlineData("cache: maybe", "gateway.yaml:2:8: 'cache' must be on or off; found 'maybe'")]
    [InlineData("store: { bytes: 1 }", "gateway.yaml:2:17: 'bytes' must be a size such as 10MB (B, kB, MB, GB, KiB, MiB, GiB) from 65536 to ")]
    public void Read_FeatureOutOfForm_SaysWhereAndWhatToWrite(string line, string expected)
    {
        Assert.StartsWith(expected, Problems($"upstreams: http://a:1\n{line}")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UpstreamsAreThereAndWrong_RoutesDoNotSayThatThereAreNone()
    {
        var problem = Assert.Single(Problems("upstreams: localhost:3000\nroutes: [ { path: /a }, { path: /b } ]"));

        Assert.StartsWith("gateway.yaml:1:12: 'localhost:3000' is not the address of an upstream", problem, StringComparison.Ordinal);
        Assert.Equal(2, Problems("routes: [ { path: /a }, { path: /b } ]").Count(line => line.Contains("the route has no 'upstreams'", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_CertificateOfAnotherKey_IsTold()
    {
        using var one = TestCertificate.Create();
        using var other = TestCertificate.Create();
        var folder = Directory.CreateTempSubdirectory("headroom-gateway-");
        try
        {
            var (cert, key) = (Path.Combine(folder.FullName, "cert.pem"), Path.Combine(folder.FullName, "key.pem"));
            File.WriteAllText(cert, one.ExportCertificatePem());
            using var secret = other.GetECDsaPrivateKey()!;
            File.WriteAllText(key, secret.ExportPkcs8PrivateKeyPem());

            var problem = Assert.Single(Problems($"listen: {{ url: https://127.0.0.1:1, certificate: {cert}, key: {key} }}\nupstreams: http://a:1"));

            Assert.StartsWith($"gateway.yaml:1:50: '{cert}' and '{key}' are not a certificate and its key in PEM", problem, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Read_NestedDeep_IsRefused()
    {
        Assert.Contains("nested deeper than 50 levels", Problems("upstreams: " + new string('[', 10_000))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AddressesOnTheCommandLine_TakeThePlaceOfTheFiles()
    {
        var problems = new SettingsProblems("gateway.yaml");
        var settings = GatewayFile.Read("listen: http://*:1\nroutes: [ { path: /a } ]", new CommandLineAddresses([ListenSettings.Default], ["http://c:3"]), problems)!;

        Assert.Equal([ListenSettings.Default], settings.Listen);
        Assert.Equal("http://c:3", Assert.Single(Assert.Single(settings.Routes).Upstreams).Address);
    }

    private static GatewaySettings? Read(string text)
    {
        var problems = new SettingsProblems("gateway.yaml");
        var settings = GatewayFile.Read(text, Nothing, problems);
        Assert.Empty(problems.InOrder());
        return settings;
    }

    private static List<string> Problems(string text)
    {
        var problems = new SettingsProblems("gateway.yaml");
        Assert.Null(GatewayFile.Read(text, Nothing, problems));
        return [.. problems.InOrder()];
    }
}
