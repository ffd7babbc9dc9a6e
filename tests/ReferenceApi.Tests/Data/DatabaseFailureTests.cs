using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Data;

public sealed class DatabaseFailureTests
{
    [Theory]
    [InlineData("--plain")]
    [InlineData("--tuned")]
    public async Task Request_WhileTheDatabaseIsAway_AnswersUnavailableAndRecovers(string mode)
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var link = new BreakableLink(settings.Host!, settings.Port);
        settings.Host = "127.0.0.1";
        settings.Port = link.Port;
        await using var api = await ApiServer.StartAsync(mode, "--ConnectionStrings:Database=" + settings);
        await api.GetJsonAsync("/api/v2/events");

        link.Break();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var refused = await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v2/events?limit={attempt + 1}"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
            Assert.Equal(
                "The database does not answer. Try again shortly.",
                JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("detail").GetString());
        }

        using var health = await api.GetAsync("/api/v2/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);

        link.Mend();
        await api.GetJsonAsync("/api/v2/events");
        await api.GetJsonAsync("/api/v2/health");
    }

    /// <summary>A port that passes everything on to another, until it is broken.</summary>
    private sealed class BreakableLink : IAsyncDisposable
    {
        private readonly string host;
        private readonly int port;
        private readonly List<Socket> sockets = [];
        private TcpListener listener;
        private Task accepting;

        public BreakableLink(string host, int port)
        {
            (this.host, this.port) = (host, port);
            listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            accepting = AcceptAsync(listener);
        }

        public int Port { get; }

        public void Break()
        {
            listener.Stop();
            lock (sockets)
            {
                sockets.ForEach(socket => socket.Dispose());
                sockets.Clear();
            }
        }

        public void Mend()
        {
            listener = new TcpListener(IPAddress.Loopback, Port);
            listener.Start();
            accepting = AcceptAsync(listener);
        }

        public async ValueTask DisposeAsync()
        {
            Break();
            await accepting;
        }

        private async Task AcceptAsync(TcpListener from)
        {
            try
            {
                while (true)
                {
                    var near = await from.AcceptSocketAsync();
                    var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await far.ConnectAsync(host, port);
                    lock (sockets)
                        sockets.AddRange([near, far]);

                    _ = PassOnAsync(near, far);
                    _ = PassOnAsync(far, near);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Broken on purpose.
            }
        }

        private static async Task PassOnAsync(Socket from, Socket to)
        {
            var buffer = new byte[16_384];
            try
            {
                for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
                    await to.SendAsync(buffer.AsMemory(0, read));

                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Broken on purpose, or closed by either side.
            }
        }
    }
}
