using System.IO.Compression;
using Headroom.Http;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;
using ReferenceApi.Answers;
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
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (Exception exception)
        {
            if (app is null)
                await source.DisposeAsync();
            else
                await app.DisposeAsync();

            throw StartFailure(exception, builder.Configuration) ?? exception;
        }
    }

    private static WebApplicationBuilder CreateBuilder(StartOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
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
                InitialData = FeatureSet.All.Select(feature => KeyValuePair.Create($"{FeatureSet.SectionName}:{feature}", (string?)on.ToString())),
            });
        }

        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultAddress);

        // Standard output carries the address line and nothing else.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
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
        });
        services.AddProblemDetails();
        services.AddExceptionHandler<RequestFailureHandler>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default));

        services.AddSingleton(features);
        services.AddSingleton(dataSet);
        services.AddSingleton<Database>(provider => source.Open(
            features, provider.GetRequiredService<DatabaseMetrics>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Uptime>();
        services.AddSingleton<ResponseCacheTags>();
        services.AddSingleton<MessagingQueries>();
        services.AddSingleton<InsightQueries>();
        services.AddSingleton<HealthQueries>();
        services.AddSingleton<WorkspaceQueries>();
        services.AddSingleton<UserQueries>();
        services.AddSingleton(new KeywordIndex(Document.LoadAll()));
        services.AddSingleton<AnswerEngine>();
        services.AddSingleton<StreamMetrics>();

        if (features[Feature.ResponseCache])
        {
            // Metrics are told apart by case: /data/STEPS is none, and must not be answered from what is kept for /data/steps.
            services.AddOutputCache(cache => cache.UseCaseSensitivePaths = true);
        }

        if (features[Feature.Compression])
            AddCompression(services);
    }

    private static void AddCompression(IServiceCollection services)
    {
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json", "text/csv"];
        });

        // Brotli's Optimal is its level 4 of 11, gzip's Fastest is its level 1 of 9: the knee of each, where more bytes saved begin to cost many times the work.
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Optimal);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
    }

    /// <summary>
    /// The order matters. The cache is outside compression, so it keeps compressed bytes and a hit compresses nothing. Conditions are
    /// evaluated outside the cache, so a request that is answered by 304 fills it all the same.
    /// </summary>
    private static void UsePipeline(WebApplication app, FeatureSet features)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        if (features[Feature.ConditionalRequests])
            app.UseConditionalRequests();

        if (features[Feature.ResponseCache])
            app.UseOutputCache();

        if (features[Feature.Compression])
            app.UseResponseCompression();
    }

    private static void MapEndpoints(WebApplication app, FeatureSet features)
    {
        app.MapMessaging();
        app.MapInsight(features);
        app.MapHealthData();
        app.MapWorkspace();
        app.MapAnswers();
        app.MapUsers();
    }

    /// <summary>What a person can do something about, in words for them; null for all else.</summary>
    private static StartupException? StartFailure(Exception exception, ConfigurationManager configuration)
    {
        var urls = configuration[WebHostDefaults.ServerUrlsKey] ?? DefaultAddress;
        return exception switch
        {
            IOException { InnerException: AddressInUseException } =>
                new($"The address {urls} is in use by another program. Give another one with --urls, or port 0 for a free one.", exception),
            FormatException or InvalidOperationException { TargetSite.DeclaringType.Namespace: "Microsoft.AspNetCore.Server.Kestrel.Core.Internal" } =>
                new($"--urls is '{urls}': {exception.Message} Write for example {DefaultAddress}.", exception, ExitCode.Usage),
            _ => null,
        };
    }
}
