using System.ComponentModel;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>A key as this process keeps it: the record, the hash and a place to count uses. Nothing of it changes but that count, so all requests share one object, and the count is never read from here.</summary>
/// <param name="record">What is known of the key.</param>
/// <param name="hash">Of the key.</param>
/// <param name="refreshAt">From when on a look-up should make it anew in the background.</param>
/// <param name="uses">Where uses are counted; null: nowhere.</param>
[ImmutableObject(true)]
internal sealed class CachedApiKey(ApiKeyRecord record, ReadOnlyMemory<byte> hash, DateTimeOffset refreshAt, ApiKeyUses? uses)
{
    public ApiKeyRecord Record { get; } = record;

    public ReadOnlySpan<byte> Hash => hash.Span;

    public DateTimeOffset RefreshAt { get; } = refreshAt;

    public ApiKeyUses? Uses { get; } = uses;
}

/// <summary>What a check found, by its name in the metrics.</summary>
internal enum ApiKeyVerdict
{
    /// <summary>No key was sent.</summary>
    None,

    Valid,

    /// <summary>Several keys were sent.</summary>
    Ambiguous,

    /// <summary>Not the text of a key: no look-up was made.</summary>
    Malformed,

    /// <summary>Nobody has this id.</summary>
    Unknown,

    /// <summary>The id is somebody's, the secret is not.</summary>
    WrongSecret,

    Expired,
    Revoked,

    /// <summary>The address tried too many ids that nobody has.</summary>
    TooManyUnknown,

    /// <summary>All addresses together did.</summary>
    Busy,

    /// <summary>The store failed.</summary>
    StoreFailed,
}

/// <summary>What a check found.</summary>
/// <param name="Verdict">Whether the key is good.</param>
/// <param name="Key">The key, where it is.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct ApiKeyResult(ApiKeyVerdict Verdict, CachedApiKey? Key = null);
