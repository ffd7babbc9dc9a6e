namespace Headroom.Caching.Local;

/// <summary>What an entry takes in memory, estimated without walking through objects.</summary>
internal sealed class EntrySize(Func<object?, long>? sizeOf)
{
    /// <summary>The entry itself (104), its share of the table and of the sketch.</summary>
    const long Overhead = 128;

    const long ObjectHeader = 24;
    const long UnknownObject = 256;

    public long Of(string key, object? value)
    {
        var bytes = sizeOf is null ? Estimate(value) : sizeOf(value);
        if (bytes < 0)
            throw new InvalidOperationException($"SizeOf said {bytes} bytes; a size is 0 or more.");
        return Math.Min(EntryWeight.Most, Overhead + ObjectHeader + key.Length * sizeof(char) + Math.Min(bytes, EntryWeight.Most / 2));
    }

    static long Estimate(object? value) => value switch
    {
        null => 0,
        ISized sized => ObjectHeader + sized.Bytes,
        string text => ObjectHeader + (long)text.Length * sizeof(char),
        Array array => ObjectHeader + Buffered(array),
        _ => UnknownObject,
    };

    static long Buffered(Array array) => array.GetType().GetElementType() is { IsPrimitive: true } ? Buffer.ByteLength(array) : array.LongLength * IntPtr.Size;
}

/// <summary>A kept value that knows its length.</summary>
internal interface ISized
{
    long Bytes { get; }
}
