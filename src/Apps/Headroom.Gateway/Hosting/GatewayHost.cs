using System.Net;
using System.Text;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.InterimAnswers;
using Headroom.Gateway.Purging;
using Headroom.Gateway.Routing;
using Headroom.Gateway.Upstreams;
using Headroom.Http;
using Headroom.Redis;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Console;

namespace Headroom.Gateway.Hosting;

/// <summary>Puts the gateway together: services, the server and the pipeline.</summary>
internal static class GatewayHost
{
    public static WebApplication Build(GatewaySettings settings, TimeProvider time, ulong seed)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "headroom-gateway", ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        AddLogging(builder.Logging);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<HealthChecker>();
        builder.Services.AddSingleton(services => new GatewayRoutes(services.GetRequiredService<HealthChecker>(), time, seed));
        builder.Services.AddSingleton<RouteSelection>();
        builder.Services.AddSingleton<Forwarder>();
        builder.Services.AddSingleton<Draining>();
        builder.Configuration.AddInMemoryCollection(settings.Headroom);
        builder.AddHeadroom();
        // Each route has its own times and sizes.
        builder.Services.AddHeadroomLimits(static limits => limits.Enabled = false);
        builder.Services.AddHeadroomResponseCache(static cache => cache.HonourCacheHeaders = true);
        // Bodies go to the upstream byte for byte.
        builder.Services.AddHeadroomCompression(static compression => compression.DecodeRequests = false);
        if (settings.Redis is { } redis)
            builder.Services.AddHeadroomRedis(redis).AddHeadroomRedisStore();
        builder.Services.AddSingleton(services => new PurgeEndpoint(settings.Purge, services.GetRequiredService<IResponseCache>()));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Drain.Timeout);
        builder.WebHost.UseSockets(EventLoop.Configure);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server => Configure(server, settings, time));

        var app = builder.Build();
        app.Services.GetRequiredService<GatewayRoutes>().Apply(settings.Routes);
        UsePipeline(app);
        return app;
    }

    /// <summary>The way of a request, from outside to inside.</summary>
    private static void UsePipeline(WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        var selection = app.Services.GetRequiredService<RouteSelection>();
        var purge = app.Services.GetRequiredService<PurgeEndpoint>();
        var forwarder = app.Services.GetRequiredService<Forwarder>();

        app.Use(next => context => draining.InvokeAsync(context, next));
        app.Use(next => context => purge.InvokeAsync(context, next));
        app.Use(next => context => selection.InvokeAsync(context, next));
        app.UseHeadroom();
        app.Run(forwarder.ForwardAsync);
    }

    private static void Configure(KestrelServerOptions server, GatewaySettings settings, TimeProvider time)
    {
        server.AddServerHeader = false;
        server.RequestHeaderEncodingSelector = FieldEncodings.Select;
        server.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        server.Limits.MaxConcurrentConnections = settings.Limits.ConnectionsMax;
        server.Limits.MaxConcurrentUpgradedConnections = settings.Limits.ConnectionsMax;
        server.Limits.MaxRequestHeadersTotalSize = settings.Limits.HeadBytesMax;
        server.Limits.MaxRequestLineSize = settings.Limits.LineBytesMax;
        server.Limits.RequestHeadersTimeout = settings.Limits.HeadTimeout;
        server.Limits.KeepAliveTimeout = settings.Limits.KeepAliveTimeout;
        // Each route has its own.
        server.Limits.MaxRequestBodySize = null;
        foreach (var listen in settings.Listen)
        {
            switch (listen.Host)
            {
                case "*":
                    server.ListenAnyIP(listen.Port, Use);
                    break;
                case "localhost":
                    server.ListenLocalhost(listen.Port, Use);
                    break;
                default:
                    server.Listen(IPAddress.Parse(listen.Host), listen.Port, Use);
                    break;
            }

            void Use(ListenOptions options)
            {
                options.Protocols = listen.Protocols;
                if (listen.Certificate is { } files)
                    options.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = new CertificateFiles(files, time, server.ApplicationServices.GetRequiredService<ILogger<CertificateFiles>>()).Select });
                options.Use(ClientConnection.Add);
            }
        }
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // That the server could not start is told by the program, in one line and without a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });

        // Standard output carries the addresses and nothing else.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
