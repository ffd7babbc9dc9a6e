using System.Globalization;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>
/// A complete response. What it says never changes; encoded forms of its body come to it as clients ask for them. Everything that a hit sends is prepared here once, but for <c>Age</c> and <c>Cache-Status</c>,
/// which are made once a second.
/// </summary>
internal sealed class StoredResponse
{
    const int Overhead = 512;

    readonly EncodedForm?[] forms = new EncodedForm?[ContentCodings.Count];
    readonly Lock encoding = new();
    readonly string statusPrefix;
    HitHeaders? hitHeaders;
    long encodedBytes;

    public StoredResponse(StoredHead head, byte[] content, string cacheName)
    {
        Head = head;
        Content = content;
        var rest = new List<KeyValuePair<string, StringValues>>(head.Headers.Length);
        foreach (var (name, value) in head.Headers)
        {
            switch (name.ToLowerInvariant())
            {
                case "content-type": ContentType = value; break;
                case "cache-control": CacheControl = value; break;
                case "vary": Vary = value; break;
                case "last-modified": LastModified = value; break;
                case "date": Date = value; break;
                case "content-encoding": ContentEncoding = value; break;
                case "etag": break;
                case "cache-status": UpstreamStatus = value; break;
                case "age" or "content-length": break;
                default: rest.Add(new(name, value)); break;
            }
        }

        Others = [.. rest];
        OthersOfNotModified = [.. rest.Where(header => !Validation.IsAboutContent(header.Key))];
        statusPrefix = UpstreamStatus.Count == 0 ? cacheName : $"{string.Join(", ", UpstreamStatus.ToArray())}, {cacheName}";
        forms[(int)ContentCoding.Identity] = new EncodedForm(content, ContentEncoding.Count == 0 ? null : ContentEncoding.ToString(), head.Tag);
        Weight = Overhead + content.LongLength * (head.IsCompressible ? 2 : 1) + head.Headers.Sum(each => 64L + 2 * (each.Key.Length + each.Value.ToString().Length));
    }

    public StoredHead Head { get; }

    /// <summary>The body as the endpoint made it.</summary>
    public byte[] Content { get; }

    public StringValues ContentType { get; }

    public StringValues CacheControl { get; }

    public StringValues Vary { get; }

    public StringValues LastModified { get; }

    public StringValues Date { get; }

    public StringValues ContentEncoding { get; }

    StringValues UpstreamStatus { get; }

    /// <summary>An encoded form must be shorter than this: than the body, and short enough to fit beside the forms that are there.</summary>
    long Room => Math.Min(Content.Length, Content.Length - Interlocked.Read(ref encodedBytes) + 1);

    public KeyValuePair<string, StringValues>[] Others { get; }

    /// <summary>Those of them that a 304 has, too.</summary>
    public KeyValuePair<string, StringValues>[] OthersOfNotModified { get; }

    /// <summary>Bytes in memory, with room for encoded forms as long as the body: those that do not fit are not kept.</summary>
    public long Weight { get; }

    public EncodedForm Identity => forms[(int)ContentCoding.Identity]!;

    /// <summary>Its age in milliseconds (RFC 9111 §4.2.3).</summary>
    public long AgeAt(long now) => Math.Max(0, Head.InitialAge + now - Head.Received);

    public EncodedForm? Form(ContentCoding coding) => Volatile.Read(ref forms[(int)coding]);

    /// <summary>The same response under another head.</summary>
    public StoredResponse With(StoredHead head, string cacheName)
    {
        var updated = new StoredResponse(head, Content, cacheName);
        if (head.Tag == Head.Tag && head.IsCompressible)
        {
            for (var i = 1; i < forms.Length; i++)
                updated.forms[i] = Volatile.Read(ref forms[i]);
            updated.encodedBytes = Interlocked.Read(ref encodedBytes);
        }

        return updated;
    }

    /// <summary>The body in a coding, made now if need be; null where that is not worth it or another request is making it.</summary>
    public EncodedForm? FormOrEncode(ContentCoding coding, WholeEncoder encoder)
    {
        if (Form(coding) is { } ready)
            return ready.Content.Length > 0 ? ready : null;
        if (!encoding.TryEnter())
            return null;
        try
        {
            if (Form(coding) is null)
                Keep(coding, encoder.Encode(coding, EncodingEffort.Quick, Content, usedBelow: Room));
            return Form(coding) is { Content.Length: > 0 } made ? made : null;
        }
        finally
        {
            encoding.Exit();
        }
    }

    /// <summary>Encodes the forms that are there as well as their uses are worth. Their tags stay: ranges, which would need equal bytes, are served from the plain body only.</summary>
    public void Improve(WholeEncoder encoder)
    {
        for (var coding = ContentCoding.Gzip; (int)coding < forms.Length; coding++)
        {
            if (Form(coding) is not { Content.Length: > 0 } older || older.Worth <= older.Effort)
                continue;
            var effort = older.Worth;
            var better = encoder.Encode(coding, effort, Content, usedBelow: older.Content.Length);
            Volatile.Write(ref forms[(int)coding], new EncodedForm(better.Length < older.Content.Length ? better : older.Content, coding.Name(), older.Tag, effort, older.Uses));
        }
    }

    /// <summary>Puts an encoded form in; one that saves nothing, or has no room, is remembered as not worth it.</summary>
    public void Keep(ContentCoding coding, byte[] encoded)
    {
        var isWorth = encoded.Length < Room;
        if (isWorth)
            Interlocked.Add(ref encodedBytes, encoded.Length);
        var tag = Head.Tag is null ? null : EntityTag.Suffixed(Head.Tag, coding.Name());
        Volatile.Write(ref forms[(int)coding], new EncodedForm(isWorth ? encoded : [], coding.Name(), tag));
    }

    /// <summary>The headers of a hit, the same for a whole second.</summary>
    public HitHeaders HitHeadersAt(long age)
    {
        var seconds = age / 1000;
        var last = hitHeaders;
        return last is not null && last.Seconds == seconds ? last : hitHeaders = MakeHitHeaders(seconds);
    }

    /// <summary>This response's <c>Cache-Status</c> with the members of caches before this one.</summary>
    public string StatusOf(CacheStatus status) => status.Format(statusPrefix);

    HitHeaders MakeHitHeaders(long seconds) =>
        new(seconds, seconds.ToString(CultureInfo.InvariantCulture), StatusOf(new CacheStatus { Hit = true, Ttl = TtlAt(seconds) }));

    /// <summary>Seconds that it is still fresh at this age; negative when it is over.</summary>
    public long TtlAt(long ageSeconds) => (long)Math.Floor((Head.Terms.Lifetime - ageSeconds * 1000) / 1000.0);
}

/// <summary>What a hit says in this second of its age.</summary>
internal sealed class HitHeaders(long seconds, string age, string cacheStatus)
{
    public long Seconds { get; } = seconds;

    public StringValues Age { get; } = age;

    public StringValues CacheStatus { get; } = cacheStatus;
}

/// <summary>Everything of a stored response but its body.</summary>
internal sealed record StoredHead
{
    public required int Status { get; init; }

    /// <summary>As they are sent, without those of the connection, <c>Age</c> and <c>Content-Length</c>; <c>Date</c> is always there.</summary>
    public required KeyValuePair<string, StringValues>[] Headers { get; init; }

    /// <summary>When the origin was asked, in milliseconds since 1970.</summary>
    public required long Requested { get; init; }

    public required long Received { get; init; }

    public required long InitialAge { get; init; }

    public required Terms Terms { get; init; }

    /// <summary>The origin's, or one made from the content.</summary>
    public string? Tag { get; init; }

    /// <summary>The tag is the origin's, so the origin can be asked about it.</summary>
    public bool TagIsOrigins { get; init; }

    public bool IsCompressible { get; init; }

    public string[] Tags { get; init; } = [];

    /// <summary>Scheme, host and target, for purging by prefix.</summary>
    public string Url { get; init; } = "";

    /// <summary>It came from the distributed tier, so that its times may be of another node's clock.</summary>
    public bool IsOfOtherNode { get; init; }

    /// <summary>The request headers that selected it (those of <c>Vary</c>).</summary>
    public string[] VaryNames { get; init; } = [];

    /// <summary>Their values, as <see cref="VaryKey"/> writes them.</summary>
    public string VaryValues { get; init; } = "";

    public string? Header(string name)
    {
        foreach (var (each, value) in Headers)
        {
            if (each.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value.ToString();
        }

        return null;
    }
}
