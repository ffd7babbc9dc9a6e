using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.Otlp.Tests;

/// <summary>Takes what is exported by OTLP over HTTP and keeps it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    readonly WebApplication app;
    readonly ConcurrentQueue<(string Path, string? ContentType, byte[] Body)> received = new();

    OtlpReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.Enqueue((context.Request.Path, context.Request.ContentType, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public string Address => app.Urls.Single();

    public IReadOnlyCollection<(string Path, string? ContentType, byte[] Body)> Received => received;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Waits until a message to this path has all of the texts, each as a whole field of its own.</summary>
    public async Task<byte[]> WithAsync(string path, params string[] texts)
    {
        for (var attempt = 0; attempt < 1_500; attempt++)
        {
            foreach (var (to, _, body) in received)
            {
                if (to == path && texts.All(text => Has(body, text)))
                    return body;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"No message to {path} has {string.Join(", ", texts)}; there were {received.Count}: {string.Join(", ", received.Select(message => message.Path).Distinct())}");
        return [];
    }

    /// <summary>In protobuf a text field is its length and its bytes.</summary>
    public static bool Has(byte[] message, string text)
    {
        byte[] field = [(byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
        return message.AsSpan().IndexOf(field) >= 0;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
