using System.Runtime.InteropServices;

namespace Headroom.Caching;

/// <summary>What a lookup found: a value, which may be null, or nothing (<c>default</c>).</summary>
/// <typeparam name="T">The value's type.</typeparam>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Cached<T>
{
    /// <summary>A value was found.</summary>
    /// <param name="value">The value.</param>
    public Cached(T value)
    {
        Found = true;
        Value = value;
    }

    /// <summary>Whether there was a value.</summary>
    public bool Found { get; }

    /// <summary>The value; the type's default if none was found.</summary>
    public T? Value { get; }

    /// <summary>The value, or another one if none was found.</summary>
    /// <param name="otherwise">What to return if none was found.</param>
    public T? Or(T? otherwise) => Found ? Value : otherwise;
}
