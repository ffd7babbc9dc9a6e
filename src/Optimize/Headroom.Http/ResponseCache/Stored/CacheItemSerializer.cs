using System.Buffers;
using System.Text;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Purging;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>
/// The form of stored responses in the distributed tier. Version 1: the version, the kind (0 response, 1 rule), then the fields in the order in which they are written here; numbers as 7-bit integers or little-endian, text as UTF-8
/// with its length before it, a list with its count. A reader refuses versions that it does not know, which makes them a miss.
/// </summary>
internal sealed class CacheItemSerializer(IOptions<ResponseCacheOptions> options) : IHybridCacheSerializer<CacheItem>, IHybridCacheSerializer<PurgeList>
{
    const byte Version = 1;
    const byte ResponseKind = 0;
    const byte RuleKind = 1;

    readonly string cacheName = options.Value.Name;

    public void Serialize(CacheItem value, IBufferWriter<byte> target)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(Version);
        if (value.Variants is { } rule)
        {
            writer.Write(RuleKind);
            writer.Write(rule.Number);
            Write(writer, rule.HeaderNames);
        }
        else
        {
            writer.Write(ResponseKind);
            Write(writer, value.Response ?? throw new InvalidOperationException("An item that is not kept was to be written."));
        }

        writer.Flush();
        target.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    CacheItem IHybridCacheSerializer<CacheItem>.Deserialize(ReadOnlySequence<byte> source)
    {
        using var reader = Reader(source);
        return reader.ReadByte() == RuleKind ? new CacheItem(new VariantRule(reader.ReadString(), ReadTexts(reader))) : new CacheItem(ReadResponse(reader));
    }

    public void Serialize(PurgeList value, IBufferWriter<byte> target)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(Version);
        writer.Write7BitEncodedInt(value.Rules.Length);
        foreach (var rule in value.Rules)
        {
            writer.Write(rule.At);
            writer.Write((byte)rule.Kind);
            writer.Write(rule.Text);
            writer.Write(rule.IsSoft);
            writer.Write(rule.Node);
        }

        writer.Flush();
        target.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    PurgeList IHybridCacheSerializer<PurgeList>.Deserialize(ReadOnlySequence<byte> source)
    {
        using var reader = Reader(source);
        var rules = new PurgeRule[reader.Read7BitEncodedInt()];
        for (var i = 0; i < rules.Length; i++)
            rules[i] = new PurgeRule(reader.ReadInt64(), (PurgeKind)reader.ReadByte(), reader.ReadString(), reader.ReadBoolean(), reader.ReadString());
        return new PurgeList(rules);
    }

    static BinaryReader Reader(ReadOnlySequence<byte> source)
    {
        var reader = new BinaryReader(new MemoryStream(source.ToArray(), writable: false), Encoding.UTF8);
        var version = reader.ReadByte();
        return version == Version ? reader : throw new InvalidDataException($"A stored response of version {version} was found; this program reads {Version}.");
    }

    static void Write(BinaryWriter writer, StoredResponse response)
    {
        var head = response.Head;
        writer.Write7BitEncodedInt(head.Status);
        writer.Write(head.Requested);
        writer.Write(head.Received);
        writer.Write(head.InitialAge);
        writer.Write(head.Terms.Lifetime);
        writer.Write(head.Terms.AlwaysRevalidate);
        writer.Write(head.Terms.NeverStale);
        writer.Write(head.Terms.StaleWhileRevalidate);
        writer.Write(head.Terms.StaleIfError);
        writer.Write(head.Tag is not null);
        writer.Write(head.Tag ?? "");
        writer.Write(head.TagIsOrigins);
        writer.Write(head.IsCompressible);
        Write(writer, head.Tags);
        writer.Write(head.Url);
        Write(writer, head.VaryNames);
        writer.Write(head.VaryValues);
        writer.Write7BitEncodedInt(head.Headers.Length);
        foreach (var (name, value) in head.Headers)
        {
            writer.Write(name);
            Write(writer, value.ToArray());
        }

        writer.Write7BitEncodedInt(response.Content.Length);
        writer.Write(response.Content);

        // The encoded forms that there are, by coding; 0 ends the list.
        for (var coding = ContentCoding.Gzip; (int)coding < ContentCodings.Count; coding++)
        {
            if (response.Form(coding) is not { Content.Length: > 0 } form)
                continue;
            writer.Write(coding.Name());
            writer.Write7BitEncodedInt(form.Content.Length);
            writer.Write(form.Content);
        }

        writer.Write("");
    }

    StoredResponse ReadResponse(BinaryReader reader)
    {
        var head = new StoredHead
        {
            Status = reader.Read7BitEncodedInt(),
            Requested = reader.ReadInt64(),
            Received = reader.ReadInt64(),
            InitialAge = reader.ReadInt64(),
            Terms = new Terms
            {
                Lifetime = reader.ReadInt64(),
                AlwaysRevalidate = reader.ReadBoolean(),
                NeverStale = reader.ReadBoolean(),
                StaleWhileRevalidate = reader.ReadInt64(),
                StaleIfError = reader.ReadInt64(),
            },
            Tag = reader.ReadBoolean() ? reader.ReadString() : Nothing(reader.ReadString()),
            TagIsOrigins = reader.ReadBoolean(),
            IsCompressible = reader.ReadBoolean(),
            Tags = ReadTexts(reader),
            Url = reader.ReadString(),
            VaryNames = ReadTexts(reader),
            VaryValues = reader.ReadString(),
            Headers = ReadHeaders(reader),
            IsOfOtherNode = true,
        };
        var content = ReadBytes(reader);
        var response = new StoredResponse(head, content, cacheName);
        for (var name = reader.ReadString(); name.Length > 0; name = reader.ReadString())
        {
            var encoded = ReadBytes(reader);
            if (ContentCodings.Named(name) is { } coding and not ContentCoding.Identity)
                response.Keep(coding, encoded);
        }

        return response;
    }

    static string? Nothing(string read) => read.Length == 0 ? null : throw new InvalidDataException("A stored response has a tag that it says it does not have.");

    static KeyValuePair<string, StringValues>[] ReadHeaders(BinaryReader reader)
    {
        var headers = new KeyValuePair<string, StringValues>[reader.Read7BitEncodedInt()];
        for (var i = 0; i < headers.Length; i++)
        {
            var name = reader.ReadString();
            var values = ReadTexts(reader);
            headers[i] = new(name, values is [var only] ? new StringValues(only) : new StringValues(values));
        }

        return headers;
    }

    static byte[] ReadBytes(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new InvalidDataException($"A stored response has {bytes.Length} bytes where it says {length}.");
    }

    static void Write(BinaryWriter writer, string?[] texts)
    {
        writer.Write7BitEncodedInt(texts.Length);
        foreach (var text in texts)
            writer.Write(text ?? "");
    }

    static string[] ReadTexts(BinaryReader reader)
    {
        var texts = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadString();
        return texts;
    }
}
