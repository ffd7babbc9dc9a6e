using System.Globalization;
using System.Net;
using Headroom.Http.ApiKeys.Checking;

namespace Headroom.Http.Benchmarks;

/// <summary>
/// What API keys cost a request: the check alone, and the pipeline with authentication less the pipeline without, medians; bytes allocated and look-ups in the store beside it.
/// </summary>
internal static class ApiKeyChecks
{
    private const int Times = 100_000;

    public static async Task PrintAsync()
    {
        var store = new CountedStore();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IApiKeyStore>(store);
        builder.Services.AddHeadroomApiKeys();
        await using var host = builder.Build();
        var key = (await host.Services.GetRequiredService<IApiKeys>().CreateAsync(new NewApiKey("client", "acme", ["messages:send", "messages:read"]))).Key;
        var unknown = ApiKeyText.Compose("hr_live_", new string('0', 16), new string('0', 32));
        var check = host.Services.GetRequiredService<ApiKeyCheck>();

        (string Name, Func<int, Task> Run, bool LessNothing)[] cases =
        [
            ("", Pipeline(host, _ => { }, null), false),
            ("check of a cached key, alone", times => CheckAsync(times, check, key), false),
            ("check of a text that is no key, alone", times => CheckAsync(times, check, key[..^1]), false),
            ("check of an unknown key that is remembered, alone", times => CheckAsync(times, check, unknown), false),
            ("request without a key, UseHeadroomApiKeys", Pipeline(host, app => app.UseHeadroomApiKeys(), null), true),
            ("request with a cached key, UseHeadroomApiKeys", Pipeline(host, app => app.UseHeadroomApiKeys(), key), true),
            ("request without a key, UseAuthentication", Pipeline(host, app => app.UseAuthentication(), null), true),
            ("request with a cached key, UseAuthentication", Pipeline(host, app => app.UseAuthentication(), key), true),
        ];
        var medians = await InterleavedRounds.MeasureAsync([.. cases.Select(one => one.Run)], Times, () => store.Finds = 0);
        for (var i = 1; i < cases.Length; i++)
        {
            var (nanoseconds, bytes) = cases[i].LessNothing ? (medians[i].Nanoseconds - medians[0].Nanoseconds, medians[i].Bytes - medians[0].Bytes) : medians[i];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {cases[i].Name} | {nanoseconds:0} ns | {Math.Round(bytes):0} B |"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nLook-ups in the store during {InterleavedRounds.TimesInAll(Times) * cases.Length:N0} checks and requests: {store.Finds}."));
    }

    private static async Task CheckAsync(int times, ApiKeyCheck check, string key)
    {
        for (var i = 0; i < times; i++)
            await check.CheckAsync(key, IPAddress.Loopback, CancellationToken.None);
    }

    private static Func<int, Task> Pipeline(WebApplication host, Action<IApplicationBuilder> use, string? key)
    {
        var app = new ApplicationBuilder(host.Services);
        use(app);
        app.Run(static _ => Task.CompletedTask);
        var run = app.Build();
        var scopes = host.Services.GetRequiredService<IServiceScopeFactory>();
        return async times =>
        {
            for (var i = 0; i < times; i++)
            {
                // A server makes a scope when services of the request are first asked for, which authentication does.
                var context = new DefaultHttpContext { ServiceScopeFactory = scopes };
                context.Request.Method = "GET";
                if (key is not null)
                    context.Request.Headers["x-api-key"] = key;
                await run(context);
                await (context.Features.Get<Microsoft.AspNetCore.Http.Features.IServiceProvidersFeature>() is IAsyncDisposable made ? made.DisposeAsync() : ValueTask.CompletedTask);
            }
        };
    }

    private sealed class CountedStore : IApiKeyStore
    {
        private readonly MemoryApiKeyStore _inner = new();

        public int Finds { get; set; }

        public ValueTask<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken)
        {
            Finds++;
            return _inner.FindAsync(id, cancellationToken);
        }

        public ValueTask<bool> AddAsync(StoredApiKey key, CancellationToken cancellationToken) => _inner.AddAsync(key, cancellationToken);

        public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> RevokeAsync(string id, DateTimeOffset revokedAt, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> ReplaceAsync(string id, StoredApiKey successor, DateTimeOffset endsAt, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId, ApiKeyPosition? after, int most, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask AddUsageAsync(IReadOnlyList<ApiKeyUsage> usage, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
