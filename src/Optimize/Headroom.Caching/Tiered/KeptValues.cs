using System.Buffers;
using System.Runtime.ExceptionServices;
using Headroom.Caching.Local;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>A value whose type could be changed by who gets it: kept as bytes, made anew for each.</summary>
internal sealed class CopiedValue<T>(byte[] payload, IHybridCacheSerializer<T> serializer) : ISized
{
    public long Bytes => payload.Length;

    public T Copy() => serializer.Deserialize(new ReadOnlySequence<byte>(payload));

    public static CopiedValue<T> Of(T value, IHybridCacheSerializer<T> serializer)
    {
        using var buffer = new PooledBuffer();
        serializer.Serialize(value, buffer);
        return new CopiedValue<T>(buffer.WrittenSpan.ToArray(), serializer);
    }
}

/// <summary>A factory's exception that is kept for a while, so that a failing source is left alone.</summary>
internal sealed class KeptFailure(Exception thrown)
{
    public Exception Thrown => thrown;

    public void Throw() => ExceptionDispatchInfo.Throw(thrown);
}
