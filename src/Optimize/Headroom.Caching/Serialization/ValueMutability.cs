using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Headroom.Caching.Serialization;

/// <summary>Whether values of a type may be handed to several callers as one object.</summary>
internal static class ValueMutability<T>
{
    /// <summary>
    /// True for <see cref="string"/>, for value types without references, for types marked <c>[ImmutableObject(true)]</c> and for <see cref="Nullable{T}"/> of such. Everything else may be changed by
    /// whoever gets it, and is copied through its serializer.
    /// </summary>
    public static readonly bool IsImmutable = Decide(typeof(T));

    private static bool Decide(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        if (inner == typeof(string) || inner == typeof(Uri) || inner == typeof(Version))
            return true;
        if (inner.IsValueType && !RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            return true;
        return inner.GetCustomAttributes(typeof(ImmutableObjectAttribute), inherit: false) is [ImmutableObjectAttribute { Immutable: true }]
            && (inner.IsSealed || inner.IsValueType);
    }
}
