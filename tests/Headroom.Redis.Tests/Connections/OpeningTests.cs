using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Connections;

public sealed class OpeningTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resp3")]
    [InlineData("resp2")]
    public async Task Connect_PasswordUserDatabaseAndName_AllDone(string protocol)
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "top-secret");
        await using (var client = await RedisClient.ConnectAsync($"{server.Endpoint},password=top-secret,defaultDatabase=3,name=my-api,protocol={protocol}", Cancellation))
        {
            await client.SetAsync("k", "v", cancellationToken: Cancellation);
            var info = (await client.ExecuteAsync("CLIENT", "INFO")).AsString()!;
            Assert.Contains("name=my-api", info, StringComparison.Ordinal);
            Assert.Contains("db=3", info, StringComparison.Ordinal);
            Assert.Contains(protocol == "resp3" ? "resp=3" : "resp=2", info, StringComparison.Ordinal);
            await client.ExecuteAsync("ACL SETUSER", "ann", "on", ">ann-secret", "~*", "+@all");
        }

        await using var asAnn = await RedisClient.ConnectAsync($"redis://ann:ann-secret@{server.Endpoint}/3?protocol={protocol}", Cancellation);
        Assert.Equal("v", await asAnn.GetStringAsync("k", Cancellation));
        Assert.Equal("ann", (await asAnn.ExecuteAsync("ACL", "WHOAMI")).AsString());
    }

    [Theory]
    [InlineData("password=wrong-secret")]
    [InlineData("user=nobody,password=wrong-secret")]
    [InlineData("password=wrong-secret,protocol=resp2")]
    [InlineData("name=x")]
    public async Task Connect_WrongOrMissingPassword_AuthenticationFailureWithoutTheSecret(string settings)
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "top-secret");
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{server.Endpoint},{settings}", Cancellation));
        Assert.Equal(RedisConnectionFailure.Authentication, error.Failure);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ServerWithoutHello_SpokenToInResp2WithEverything()
    {
        await using var server = await RedisServer.StartAsync("--rename-command", "HELLO", "", "--requirepass", "top-secret");
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},password=top-secret,defaultDatabase=2,name=old", Cancellation);
        var info = (await client.ExecuteAsync("CLIENT", "INFO")).AsString()!;
        Assert.Contains("name=old", info, StringComparison.Ordinal);
        Assert.Contains("db=2", info, StringComparison.Ordinal);
        Assert.Contains("resp=2", info, StringComparison.Ordinal);
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{server.Endpoint},password=wrong-secret", Cancellation));
        Assert.Equal(RedisConnectionFailure.Authentication, error.Failure);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NoSuchDatabase_Refused()
    {
        await using var server = await RedisServer.StartAsync();
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{server.Endpoint},defaultDatabase=99", Cancellation));
        Assert.Equal(RedisConnectionFailure.HandshakeRefused, error.Failure);
        Assert.Contains("DB index", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ServerThatRepeatsArguments_SecretNotRepeated()
    {
        await using var server = new RawServer(_ => "-ERR unknown command `HELLO`, with args beginning with: `3` `AUTH` `default` `hush`\r\n", "-ERR no hush here\r\n");
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{server.Endpoint},password=hush", Cancellation));
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("***", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", RedisConnectionFailure.Protocol)]
    [InlineData("$99999999999\r\n", RedisConnectionFailure.Protocol)]
    [InlineData("*?\r\n", RedisConnectionFailure.Protocol)]
    [InlineData("-DENIED Redis is running in protected mode\r\n", RedisConnectionFailure.HandshakeRefused)]
    [InlineData("-LOADING Redis is loading the dataset in memory\r\n", RedisConnectionFailure.HandshakeRefused)]
    [InlineData("", RedisConnectionFailure.ConnectTimeout)]
    [InlineData("*2\r\n$5\r\nhel", RedisConnectionFailure.ConnectTimeout)]
    public async Task Connect_ServerThatIsNone_TypedFailure(string answer, RedisConnectionFailure expected)
    {
        await using var server = new RawServer(_ => answer, "");
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{server.Endpoint},connectTimeout={(expected == RedisConnectionFailure.ConnectTimeout ? 300 : 20_000)}", Cancellation));
        Assert.Equal(expected, error.Failure);
    }

    [Theory]
    [InlineData("%1\r\n+a\r\n:1\r\n*1\r\n>1\r\n")]
    [InlineData(":1\r\n:2\r\n")]
    [InlineData("@\r\n")]
    [InlineData("$-5\r\n")]
    public async Task Reply_MalformedOrUnasked_ConnectionClosedWithTypedErrorAndOpenedAnew(string afterHello)
    {
        // The second connection behaves, so that what comes after the failure is seen too.
        await using var server = new RawServer(number => "%1\r\n+proto\r\n:3\r\n", "", connection => connection == 1 ? afterHello : "$2\r\nok\r\n");
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=3000,reconnectDelay=1", Cancellation);
        var read = client.GetStringAsync("k", Cancellation).AsTask();
        var second = client.GetStringAsync("k", Cancellation).AsTask();
        var results = await Task.WhenAll(Outcome(read), Outcome(second));
        Assert.Contains(results, result => result is RedisConnectionException { Failure: RedisConnectionFailure.Protocol } || result is RedisProtocolException || result is string);
        await Wait.UntilAsync(async () => await Outcome(client.GetStringAsync("k", Cancellation).AsTask()) is "ok", "an answer from the second connection");
    }

    [Fact]
    public async Task Connect_UnixSocket_Works()
    {
        var path = Path.Combine(Path.GetTempPath(), $"headroom-{Guid.NewGuid():n}.sock");
        await using var server = await RedisServer.StartAsync("--unixsocket", path);
        await using var client = await RedisClient.ConnectAsync($"unix:{path}", Cancellation);
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));
        Assert.Equal("v", await client.GetStringAsync("k", Cancellation));
    }

    [Fact]
    public async Task Connect_Tls_TrustedWorksUntrustedAndPlainAreTold()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var folder = Directory.CreateTempSubdirectory("headroom-tls-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem(), Cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), Cancellation);
            var port = FreePort.Next();
            await using var server = await RedisServer.StartAsync("--tls-port", $"{port}", "--tls-cert-file", Path.Combine(folder, "cert.pem"), "--tls-key-file", Path.Combine(folder, "key.pem"), "--tls-auth-clients", "no");

            var options = RedisOptions.Parse($"127.0.0.1:{port},ssl=true,asyncTimeout=20000");
            options.CertificateValidation = (_, shown, _, _) => shown is not null && shown.GetCertHashString() == certificate.GetCertHashString();
            await using (var client = await RedisClient.ConnectAsync(options, Cancellation))
            {
                var value = new byte[1_000_000];
                new Random(3).NextBytes(value);
                await client.SetAsync("k", value, cancellationToken: Cancellation);
                await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
                {
                    using var read = await client.GetAsync("k", Cancellation);
                    Assert.True(read.Span.SequenceEqual(value));
                }));
            }

            Assert.Equal(RedisConnectionFailure.Tls, (await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"127.0.0.1:{port},ssl=true", Cancellation))).Failure);
            // A plain Redis takes the first bytes of TLS for the beginning of a line and waits for its end.
            var waiting = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{server.Endpoint},ssl=true,connectTimeout=500", Cancellation));
            Assert.Equal(RedisConnectionFailure.ConnectTimeout, waiting.Failure);
            Assert.Contains("speaks TLS", waiting.Message, StringComparison.Ordinal);
            var plain = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"127.0.0.1:{port},connectTimeout=2000", Cancellation));
            Assert.True(plain.Failure is RedisConnectionFailure.Lost or RedisConnectionFailure.Protocol, plain.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<object?> Outcome(Task<string?> task)
    {
        try
        {
            return await task;
        }
        catch (RedisException e)
        {
            return e;
        }
    }

    /// <summary>Answers the n-th thing that a connection sends with given text.</summary>
    sealed class RawServer : IAsyncDisposable
    {
        readonly TcpListener listener = new(IPAddress.Loopback, 0);
        readonly CancellationTokenSource stop = new();

        public RawServer(Func<int, string> first, string second, Func<int, string>? later = null)
        {
            listener.Start();
            _ = AcceptAsync(first, second, later);
        }

        public string Endpoint => $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            listener.Stop();
        }

        async Task AcceptAsync(Func<int, string> first, string second, Func<int, string>? later)
        {
            for (var connection = 1; ; connection++)
            {
                Socket socket;
                try
                {
                    socket = await listener.AcceptSocketAsync(stop.Token);
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }

                var number = connection;
                _ = Task.Run(async () =>
                {
                    using var owned = socket;
                    var buffer = new byte[4096];
                    try
                    {
                        for (var request = 0; await socket.ReceiveAsync(buffer, stop.Token) > 0; request++)
                        {
                            var answer = request == 0 ? first(number) : later is not null ? later(number) : second;
                            await socket.SendAsync(Encoding.Latin1.GetBytes(answer), stop.Token);
                        }
                    }
                    catch (Exception e) when (e is OperationCanceledException or SocketException)
                    {
                        // The test is over.
                    }
                });
            }
        }
    }
}
