using System.Runtime.CompilerServices;

namespace Headroom.Load.Wire;

/// <summary>
/// The last head that was read and what it said. Under load most responses of one kind have, byte for byte, the same head (its Date changes once a
/// second): comparing it is a fraction of reading it. A head that begins with the remembered bytes is that head, since those end with its empty line.
/// One for all connections of a worker.
/// </summary>
internal sealed class HeadMemo
{
    /// <summary>Longer heads are read each time.</summary>
    private const int BytesMax = 2048;

    private readonly byte[] _bytes = new byte[BytesMax];
    private int _length;

    public ResponseHead Head { get; } = new();

    /// <param name="bytes">What came, beginning with a head.</param>
    /// <param name="headBytes">Length of the head, when it is the remembered one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRecall(ReadOnlySpan<byte> bytes, out int headBytes)
    {
        headBytes = _length;
        return headBytes > 0 && bytes.Length >= headBytes && bytes[..headBytes].SequenceEqual(_bytes.AsSpan(0, headBytes));
    }

    public void Remember(ReadOnlySpan<byte> bytes, ResponseHead head)
    {
        _length = bytes.Length <= BytesMax ? bytes.Length : 0;
        if (_length == 0)
            return;
        bytes.CopyTo(_bytes);
        Head.CopyFrom(head);
    }
}
