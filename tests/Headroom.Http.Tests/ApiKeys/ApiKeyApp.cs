using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Headroom.Caching;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.Tests.ApiKeys;

/// <summary>An application with API keys on a real Kestrel: a public endpoint, one that wants any key, and what a test adds.</summary>
internal sealed class ApiKeyApp : IAsyncDisposable
{
    readonly HttpApp app;
    readonly WebApplication host;

    ApiKeyApp(HttpApp app, CountingStore store, WebApplication host)
    {
        this.app = app;
        this.host = host;
        Store = store;
    }

    public CountingStore Store { get; }

    public IServiceProvider Services => host.Services;

    public IApiKeys Keys => Services.GetRequiredService<IApiKeys>();

    public Uri Address => app.Address;

    public static async Task<ApiKeyApp> StartAsync(
        Action<WebApplication>? use = null, Action<IServiceCollection>? add = null, Action<ApiKeyOptions>? configure = null, IApiKeyStore? store = null, Action<WebApplication>? between = null)
    {
        var counting = new CountingStore(store ?? new MemoryApiKeyStore());
        WebApplication? started = null;
        var listening = await HttpApp.StartAsync(
            built =>
            {
                started = built;
                built.UseRouting();
                built.UseAuthentication();
                between?.Invoke(built);
                built.UseAuthorization();
                built.MapGet("/public", () => "public");
                built.MapGet("/private", (HttpContext context) => context.User.Identity!.Name).RequireAuthorization();
                use?.Invoke(built);
            },
            registered =>
            {
                registered.AddSingleton<IApiKeyStore>(counting);
                registered.AddHeadroomApiKeys(configure);
                add?.Invoke(registered);
            });
        return new ApiKeyApp(listening, counting, started!);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params string[] headers) => app.GetAsync(path, headers);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params string[] headers) => app.SendAsync(method, path, headers);

    /// <summary>Sends JSON.</summary>
    public async Task<HttpResponseMessage> SendJsonAsync(HttpMethod method, string path, string json, params string[] headers)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var header in headers)
            request.Headers.TryAddWithoutValidation(header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<IssuedApiKey> NewKeyAsync(string name = "client", string[]? scopes = null, string[]? instances = null, DateTimeOffset? expiresAt = null) =>
        await Keys.CreateAsync(new NewApiKey(name, "acme", scopes, instances, expiresAt), TestContext.Current.CancellationToken);

    public async Task<int> StatusAsync(string path, params string[] headers)
    {
        using var response = await GetAsync(path, headers);
        return (int)response.StatusCode;
    }

    /// <summary>Status and detail of a refusal, which must be a problem and must not be stored.</summary>
    public async Task<(int Status, string Detail)> RefusalAsync(string path, params string[] headers)
    {
        using var response = await GetAsync(path, headers);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Header("Cache-Control"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        if ((int)response.StatusCode == 401)
            Assert.Equal("ApiKey", response.Header("WWW-Authenticate"));
        return ((int)response.StatusCode, problem.GetProperty("detail").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
    }
}

/// <summary>Counts what a store is asked, and fails or waits when told to.</summary>
internal sealed class CountingStore(IApiKeyStore inner) : IApiKeyStore
{
    int finds;

    public int Finds => Volatile.Read(ref finds);

    public Exception? Failure { get; set; }

    public TaskCompletionSource? Gate { get; set; }

    /// <summary>What another caller does between a change's reading and its writing.</summary>
    public Func<IApiKeyStore, Task>? BeforeUpdate { get; set; }

    /// <summary>What another caller does between a rotation's reading and its writing.</summary>
    public Func<IApiKeyStore, Task>? BeforeReplace { get; set; }

    /// <summary>Thrown when a rotation is written: the answer to its commit was lost.</summary>
    public Exception? FailureAfterReplace { get; set; }

    public List<IReadOnlyList<ApiKeyUsage>> Batches { get; } = [];

    public ValueTask PrepareAsync(CancellationToken cancellationToken) => inner.PrepareAsync(cancellationToken);

    public async ValueTask<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref finds);
        if (Gate is { } gate)
            await gate.Task.WaitAsync(cancellationToken);
        return Failure is null ? await inner.FindAsync(id, cancellationToken) : throw Failure;
    }

    public ValueTask<bool> AddAsync(StoredApiKey key, CancellationToken cancellationToken) => inner.AddAsync(key, cancellationToken);

    public async ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken)
    {
        if (BeforeUpdate is { } before)
            await before(inner);
        return await inner.UpdateAsync(read, changed, cancellationToken);
    }

    public ValueTask<bool> RevokeAsync(string id, DateTimeOffset revokedAt, CancellationToken cancellationToken) => inner.RevokeAsync(id, revokedAt, cancellationToken);

    public async ValueTask<bool> ReplaceAsync(string id, StoredApiKey successor, DateTimeOffset endsAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (BeforeReplace is { } before)
            await before(inner);
        var replaced = await inner.ReplaceAsync(id, successor, endsAt, now, cancellationToken);
        return FailureAfterReplace is null ? replaced : throw FailureAfterReplace;
    }

    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);

    public ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId, ApiKeyPosition? after, int most, CancellationToken cancellationToken) => inner.ListAsync(organizationId, after, most, cancellationToken);

    public ValueTask AddUsageAsync(IReadOnlyList<ApiKeyUsage> usage, CancellationToken cancellationToken)
    {
        if (Failure is not null)
            throw Failure;
        lock (Batches)
            Batches.Add(usage);
        return inner.AddUsageAsync(usage, cancellationToken);
    }
}

/// <summary>A second tier that keeps the keys which were written or removed in it, and nothing else.</summary>
internal sealed class ToldStore : IDistributedStore
{
    public ConcurrentQueue<string> Told { get; } = [];

    public ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation)
    {
        foreach (var write in writes.Span)
            Told.Enqueue(write.Key);
        return ValueTask.CompletedTask;
    }

    public ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation)
    {
        foreach (var key in keys.Span)
            Told.Enqueue(key);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Keeps every line that the application logs.</summary>
internal sealed class KeptLog : ILoggerProvider, ILogger
{
    readonly List<string> lines = [];

    public string Text
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
            lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
