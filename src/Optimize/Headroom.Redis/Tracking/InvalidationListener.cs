using System.Text;

namespace Headroom.Redis.Tracking;

/// <summary>One who listens, and for which keys.</summary>
internal sealed class InvalidationListener(IInvalidationListener target, byte[][] prefixes)
{
    public IInvalidationListener Target => target;

    public byte[][] Prefixes => prefixes;

    public static InvalidationListener Of(IInvalidationListener target, ReadOnlySpan<string> prefixes)
    {
        if (prefixes.IsEmpty)
            return new InvalidationListener(target, [[]]);
        var encoded = new byte[prefixes.Length][];
        for (var index = 0; index < encoded.Length; index++)
            encoded[index] = Encoding.UTF8.GetBytes(prefixes[index]);
        return new InvalidationListener(target, encoded);
    }

    public void Changed(ReadOnlySpan<byte> key)
    {
        foreach (var prefix in prefixes)
        {
            if (key.StartsWith(prefix))
            {
                target.Changed(key);
                return;
            }
        }
    }
}
