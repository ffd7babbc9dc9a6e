using System.Net.Sockets;
using System.Text.Json;
using Headroom.Caching;
using Headroom.Http;
using Headroom.Telemetry;
using Headroom.Telemetry.Otlp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;
using ReferenceApi.Answers;
using ReferenceApi.ApiKeys;
using ReferenceApi.Caching;
using ReferenceApi.Data;
using ReferenceApi.Data.DataSets;
using ReferenceApi.HealthData;
using ReferenceApi.Insight;
using ReferenceApi.Messaging;
using ReferenceApi.Users;
using ReferenceApi.Workspace;

namespace ReferenceApi.Hosting;

/// <summary>
/// Puts the API together: 1. configuration and features, 2. the data set, built on first use, 3. services, 4. the pipeline, 5. the endpoints, 6. start.
/// </summary>
internal static class ReferenceApiHost
{
    private const string DefaultAddress = "http://127.0.0.1:5080";

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Starts the API; when it returns, the data set is there and requests are answered.</summary>
    public static async Task<WebApplication> StartAsync(StartOptions options, BuildOutput output, CancellationToken cancellationToken)
    {
        var builder = CreateBuilder(options);
        var features = FeatureSet.Read(builder.Configuration);
        var address = DatabaseAddress.Parse(builder.Configuration.GetConnectionString("Database"));

        var dataSet = DataSetSpecification.Create(options.DataSet, options.Seed);
        var source = await DatabaseSource.PrepareAsync(address, dataSet, options.DataFolder, features, output, cancellationToken);

        // Building leaves tens of megabytes behind. Memory that is measured from here on is that of serving.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        WebApplication? app = null;
        try
        {
            AddServices(builder, features, dataSet, source);
            app = builder.Build();

            // The container disposes of what it has made: from here on the database, and the data set with it, go with the application.
            app.Services.GetRequiredService<Database>();
            UsePipeline(app, features);
            MapEndpoints(app, features);
            await ListenAsync(app, cancellationToken);
            return app;
        }
        catch
        {
            if (app is null)
                await source.DisposeAsync();
            else
                await app.DisposeAsync();

            throw;
        }
    }

    private static WebApplicationBuilder CreateBuilder(StartOptions options)
    {
        // The slim one: parts for IIS, HTTP/3 and static files, which nothing here uses, are 2 MB of resident memory.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // appsettings.json lies beside the program, from whatever folder it is started.
            ContentRootPath = AppContext.BaseDirectory,
            Args = [.. options.Configuration, "--hostBuilder:reloadConfigOnChange=false"],
        });

        if (options.AllFeatures is { } on)
        {
            // Above the files, below environment variables and command line.
            var sources = builder.Configuration.Sources;
            var afterFiles = sources.Select((source, index) => source is JsonConfigurationSource ? index + 1 : 0).Max();
            sources.Insert(afterFiles, new MemoryConfigurationSource
            {
                InitialData =
                [
                    KeyValuePair.Create(FeatureSet.PartsName, (string?)options.Parts.ToString()),
                    .. FeatureSet.All.Select(feature => KeyValuePair.Create($"{FeatureSet.SectionName}:{feature}", (string?)on.ToString())),
                ],
            });
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultAddress);

        // Standard output carries the address line and nothing else.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // Why it did not start is told once, by Program, in words where there are any.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        return builder;
    }

    private static void AddServices(WebApplicationBuilder builder, FeatureSet features, DataSetSpecification dataSet, DatabaseSource source)
    {
        DapperTypes.Register();
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddHeadroomTelemetry(telemetry =>
        {
            telemetry.Meters.Add(StreamMetrics.MeterName);
            telemetry.Meters.Add("Npgsql");

            // Operations are recorded by name; the driver would count each a second time.
            telemetry.ExcludedInstruments.Add("Npgsql/db.client.operation.duration");
        });
        services.AddHeadroomOtlp();
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database");
        services.AddProblemDetails();
        services.AddExceptionHandler<RequestFailureHandler>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default));

        services.AddSingleton(features);
        services.AddSingleton(dataSet);
        services.AddSingleton<Database>(provider => source.Open(
            features, provider.GetRequiredService<DatabaseMetrics>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Uptime>();
        services.AddSingleton<ResponseCacheTags>();
        services.AddSingleton<QueryCache>();
        services.AddSingleton<IApiKeyStore, ApiKeyTable>();
        services.AddHeadroomApiKeys(keys =>
        {
            keys.Prefix = ApiKeyRows.Prefix;
            keys.UseCache = features[Feature.ApiKeyCache];
            keys.RecordUsage = false;
            keys.PrepareStore = false;
        });
        services.AddSingleton<MessagingQueries>();
        services.AddSingleton<InsightQueries>();
        services.AddSingleton<HealthQueries>();
        services.AddSingleton<WorkspaceQueries>();
        services.AddSingleton<UserQueries>();
        services.AddSingleton(new KeywordIndex(Document.LoadAll()));
        services.AddSingleton<AnswerEngine>();
        services.AddSingleton<StreamMetrics>();

        if (features[Feature.QueryCache])
            AddQueryCache(services);

        if (features[Feature.Streaming])
            AddStreaming(services);

        AddLimits(services, features[Feature.Limits]);
        if (features.Parts == HttpParts.Framework)
            AddFrameworkParts(services, features);
        else if (UsesHeadroom(features))
            AddHeadroomParts(builder, features);
    }

    private static bool UsesHeadroom(FeatureSet features) => features[Feature.ResponseCache] || features[Feature.Compression] || features[Feature.ConditionalRequests] || features[Feature.Limits];

    /// <summary>An application has <c>AddHeadroom()</c> alone; the switches are this sample's.</summary>
    private static void AddHeadroomParts(WebApplicationBuilder builder, FeatureSet features)
    {
        builder.AddHeadroom();
        builder.Services.AddHeadroomResponseCache(cache => cache.Enabled = features[Feature.ResponseCache]);
        builder.Services.AddHeadroomCompression(compression => compression.Enabled = compression.DecodeRequests = features[Feature.Compression]);
    }

    /// <summary>What is kept is only ever serialized to answers, so nobody changes it and every caller may have the same object.</summary>
    private static void AddQueryCache(IServiceCollection services)
    {
        services.AddHeadroomCaching(caching => caching.Caches[QueryCache.Name].ReuseInstances = true);
        services.AddKeyedSingleton<JsonSerializerOptions>(
            typeof(IHybridCacheSerializer<>), new JsonSerializerOptions(ApiJsonContext.Default.Options) { TypeInfoResolver = ApiJsonContext.Default });
    }

    /// <summary>
    /// The answers have a <c>start</c> event of their own, which comes at once. Nobody pays for an answer whose reader has gone, so there is no window in which the work goes on; an answer takes half a second.
    /// </summary>
    private static void AddStreaming(IServiceCollection services) => services.AddHeadroomStreaming(streaming =>
    {
        streaming.SendStart = false;
        streaming.ResumeWindow = TimeSpan.Zero;
    });

    /// <summary>Far more than two cores answer at once, so that an overload is refused in time and nothing else is. The model's answers wait half a second each, so they have places of their own.</summary>
    private static void AddLimits(IServiceCollection services, bool enabled)
    {
        services.AddHeadroomLimits(limits => limits.Enabled = enabled);
        services.AddHeadroomConcurrency(concurrency =>
        {
            concurrency.Enabled = enabled;
            concurrency.Global = "all";
            concurrency.AddPolicy("all", policy => (policy.Limit, policy.Queue, policy.QueueTimeout) = (256, 2_000, TimeSpan.FromSeconds(5)));
            concurrency.AddPolicy(AnswersEndpoints.Places, policy => (policy.Limit, policy.Queue, policy.QueueTimeout) = (1_000, 1_000, TimeSpan.FromSeconds(5)));
        });
    }

    /// <summary>
    /// Compression at the framework's default level, Fastest: on 11 KB of messages Brotli takes 28 µs for 2.8 KB at that level and 73 µs for 2.5 KB at the next, and every answer
    /// that is not cached pays that.
    /// </summary>
    private static void AddFrameworkParts(IServiceCollection services, FeatureSet features)
    {
        if (features[Feature.ResponseCache])
        {
            // Metrics are told apart by case: /data/STEPS is none, and must not be answered from what is kept for /data/steps.
            services.AddOutputCache(cache => cache.UseCaseSensitivePaths = true);
        }

        if (features[Feature.Compression])
        {
            services.AddResponseCompression(compression =>
            {
                compression.EnableForHttps = true;
                compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json", "text/csv"];
            });
        }
    }

    private static void UsePipeline(WebApplication app, FeatureSet features)
    {
        app.UseHeadroomTelemetry();
        app.UseExceptionHandler();
        app.UseStatusCodePages();

        // Keys are checked before anything answers, a cache too.
        app.UseHeadroomApiKeys();
        if (features.Parts == HttpParts.Framework)
            UseFrameworkParts(app, features);
        else if (UsesHeadroom(features))
            app.UseHeadroom();
    }

    /// <summary>
    /// The order matters. The cache is outside compression, so it keeps compressed bytes and a hit compresses nothing. Conditions are
    /// evaluated outside the cache, so a request that is answered by 304 fills it all the same.
    /// </summary>
    private static void UseFrameworkParts(WebApplication app, FeatureSet features)
    {
        if (features[Feature.ConditionalRequests])
            app.UseConditionalRequests();

        if (features[Feature.ResponseCache])
            app.UseOutputCache();

        if (features[Feature.Limits])
            app.UseHeadroomLimits().UseHeadroomConcurrency();

        if (features[Feature.Compression])
            app.UseResponseCompression();
    }

    private static void MapEndpoints(WebApplication app, FeatureSet features)
    {
        app.MapMessaging();
        app.MapInsight(features);
        app.MapHealthData();
        app.MapWorkspace();
        app.MapAnswers(features);
        app.MapUsers();
        app.MapHeadroomHealth();

        // In Development only.
        app.MapHeadroomLive();
    }

    /// <summary>Starts to listen; an address that cannot be used is told in words for the person who gave it.</summary>
    private static async Task ListenAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or InvalidOperationException)
        {
            var urls = app.Configuration[WebHostDefaults.ServerUrlsKey] ?? DefaultAddress;
            var inUse = exception is IOException { InnerException: AddressInUseException };
            var reason = inUse ? "it is in use by another program." : exception.Message.TrimEnd('.') + ".";
            throw new StartupException(
                $"The API cannot listen on '{urls}': {reason} Give another address with --urls, for example {DefaultAddress}, or port 0 for a free one.",
                exception,
                exception is FormatException ? ExitCode.Usage : ExitCode.Failure);
        }
    }
}
