using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Caching.Tests.Serialization;

public sealed partial class ValueSerializersTests
{
    public sealed record Item(int Id, string Name);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseUpper)]
    [JsonSerializable(typeof(Item))]
    private sealed partial class ItemContext : JsonSerializerContext;

    [Fact]
    public void Of_TextAndBytes_AreThemselves()
    {
        var serializers = Serializers(new ServiceCollection());
        Assert.Equal("grün 🦊", Text(serializers.Of<string>(), "grün 🦊"));
        Assert.Equal("grün 🦊", RoundTrip(serializers.Of<string>(), "grün 🦊"));
        Assert.Equal([0, 255, 13, 10], RoundTrip(serializers.Of<byte[]>(), [0, 255, 13, 10]));
    }

    [Fact]
    public void Of_AnythingElse_IsJson()
    {
        var serializer = Serializers(new ServiceCollection()).Of<Item>();
        Assert.Equal("""{"Id":1,"Name":"a"}""", Text(serializer, new Item(1, "a")));
        Assert.Equal(new Item(1, "a"), RoundTrip(serializer, new Item(1, "a")));
    }

    [Fact]
    public void Of_SourceGeneratedContext_IsRespected()
    {
        var services = new ServiceCollection();
        services.AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>), new JsonSerializerOptions(ItemContext.Default.Options) { TypeInfoResolver = ItemContext.Default });
        Assert.Equal("""{"ID":1,"NAME":"a"}""", Text(Serializers(services).Of<Item>(), new Item(1, "a")));
        Assert.Throws<NotSupportedException>(() => Serializers(services).Of<Version>());
    }

    [Fact]
    public void Of_RegisteredSerializer_ComesBeforeFactoriesAndTheLastFactoryFirst()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IHybridCacheSerializerFactory>(new Factory("first"));
        services.AddSingleton<IHybridCacheSerializerFactory>(new Factory("last"));
        services.AddSingleton<IHybridCacheSerializer<Uri>>(new Fixed<Uri>("own"));
        var serializers = Serializers(services);
        Assert.Equal("own", Text(serializers.Of<Uri>(), new Uri("http://a")));
        Assert.Equal("last", Text(serializers.Of<Item>(), new Item(1, "a")));
        Assert.Equal("text", Text(serializers.Of<string>(), "text"));
    }

    [Fact]
    public void IsImmutable_ByType_IsSureOrFalse()
    {
        Assert.True(ValueMutability<string>.IsImmutable);
        Assert.True(ValueMutability<int>.IsImmutable);
        Assert.True(ValueMutability<Guid?>.IsImmutable);
        Assert.True(ValueMutability<Marked>.IsImmutable);
        Assert.False(ValueMutability<MarkedOpen>.IsImmutable);
        Assert.False(ValueMutability<Mutable>.IsImmutable);
        Assert.False(ValueMutability<Item>.IsImmutable);
        Assert.False(ValueMutability<byte[]>.IsImmutable);
        Assert.False(ValueMutability<(int, byte[])>.IsImmutable);
        Assert.False(ValueMutability<object>.IsImmutable);
    }

    [ImmutableObject(true)]
    private sealed class Marked;

    [ImmutableObject(true)]
    private class MarkedOpen;

    /// <summary>Why an open class cannot promise anything.</summary>
    private sealed class Mutable : MarkedOpen
    {
        public int Value { get; set; }
    }

    private static ValueSerializers Serializers(ServiceCollection services) => new(services.BuildServiceProvider());

    private static string Text<T>(IHybridCacheSerializer<T> serializer, T value)
    {
        using var buffer = new PooledBuffer();
        serializer.Serialize(value, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static T RoundTrip<T>(IHybridCacheSerializer<T> serializer, T value)
    {
        using var buffer = new PooledBuffer(1);
        serializer.Serialize(value, buffer);
        return serializer.Deserialize(new ReadOnlySequence<byte>(buffer.WrittenMemory));
    }

    private sealed class Factory(string text) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = new Fixed<T>(text);
            return true;
        }
    }

    private sealed class Fixed<T>(string text) : IHybridCacheSerializer<T>
    {
        public T Deserialize(ReadOnlySequence<byte> source) => throw new NotSupportedException();

        public void Serialize(T value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(text, target);
    }
}
