using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Caching.Serialization;

/// <summary>
/// Finds the serializer of a type, in the order that the framework's HybridCache has:
/// <list type="number">
/// <item>an <see cref="IHybridCacheSerializer{T}"/> of exactly that type among the services;</item>
/// <item>for <see cref="string"/> and <c>byte[]</c> their own bytes;</item>
/// <item>the factories among the services, the last registered first;</item>
/// <item>System.Text.Json, with the <see cref="JsonSerializerOptions"/> that are registered under the key <c>typeof(IHybridCacheSerializer&lt;&gt;)</c>: a source-generated context is its
/// <see cref="JsonSerializerOptions.TypeInfoResolver"/>.</item>
/// </list>
/// </summary>
internal sealed class ValueSerializers
{
    private readonly IServiceProvider _services;
    private readonly IHybridCacheSerializerFactory[] _factories;
    private readonly JsonSerializerOptions _json;
    private readonly ConcurrentDictionary<Type, object> _known = new();

    public ValueSerializers(IServiceProvider services)
    {
        _services = services;
        _factories = [.. services.GetServices<IHybridCacheSerializerFactory>().Reverse()];
        var keyed = services is IKeyedServiceProvider ? services.GetKeyedService<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>)) : null;
        _json = keyed ?? JsonSerializerOptions.Default;
    }

    public IHybridCacheSerializer<T> Of<T>() =>
        _known.TryGetValue(typeof(T), out var known) ? (IHybridCacheSerializer<T>)known : (IHybridCacheSerializer<T>)_known.GetOrAdd(typeof(T), Find<T>());

    private object Find<T>()
    {
        if (_services.GetService<IHybridCacheSerializer<T>>() is { } registered)
            return registered;
        if (typeof(T) == typeof(string))
            return new TextSerializer();
        if (typeof(T) == typeof(byte[]))
            return new BytesSerializer();
        foreach (var factory in _factories)
        {
            if (factory.TryCreateSerializer<T>(out var made))
                return made;
        }

        return new JsonValueSerializer<T>(_json);
    }

    private sealed class TextSerializer : IHybridCacheSerializer<string>
    {
        public string Deserialize(ReadOnlySequence<byte> source) => Encoding.UTF8.GetString(source);

        public void Serialize(string value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value, target);
    }

    private sealed class BytesSerializer : IHybridCacheSerializer<byte[]>
    {
        public byte[] Deserialize(ReadOnlySequence<byte> source) => source.ToArray();

        public void Serialize(byte[] value, IBufferWriter<byte> target) => target.Write(value);
    }

    private sealed class JsonValueSerializer<T>(JsonSerializerOptions options) : IHybridCacheSerializer<T>
    {
        private readonly JsonTypeInfo<T> _type = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

        public T Deserialize(ReadOnlySequence<byte> source)
        {
            var reader = new Utf8JsonReader(source);
            return JsonSerializer.Deserialize(ref reader, _type)!;
        }

        public void Serialize(T value, IBufferWriter<byte> target)
        {
            using var writer = new Utf8JsonWriter(target);
            JsonSerializer.Serialize(writer, value, _type);
        }
    }
}
