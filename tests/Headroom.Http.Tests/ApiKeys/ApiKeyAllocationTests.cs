using Headroom.Http.ApiKeys.Checking;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class ApiKeyAllocationTests
{
    [Fact]
    public async Task Check_OfACachedKeyOrOfNone_AllocatesNothing()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var (_, key) = await app.NewKeyAsync();
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(key, null, CancellationToken.None)).Verdict);

        Assert.InRange(BytesOf(check, key, ApiKeyVerdict.Valid), 0, 100);
        Assert.InRange(BytesOf(check, key[..^1] + "?", ApiKeyVerdict.Malformed), 0, 100);
    }

    // In a method of its own: what an async one keeps across its awaits is not the check's.
    static long BytesOf(ApiKeyCheck check, string key, ApiKeyVerdict expected)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                var checking = check.CheckAsync(key, null, CancellationToken.None);
                if (!checking.IsCompletedSuccessfully || checking.Result.Verdict != expected)
                    return long.MaxValue;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
