using System.Buffers;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>An encoded request in a pooled array of its own. Default is none.</summary>
internal readonly struct Request(byte[] array, int length)
{
    public bool IsNone => array is null;

    public ReadOnlySpan<byte> Span => array.AsSpan(0, length);

    public byte[] Array => array;

    public int Length => length;

    public static Request Encode(Command command, ReadOnlySpan<RedisArgument> arguments)
    {
        var most = RespWriter.RequestMostBytes(command.Encoded, arguments);
        if (most > System.Array.MaxLength)
            throw new ArgumentException($"The command's arguments take up to {most} bytes; a request may have {System.Array.MaxLength}. Send fewer or smaller values at once.");
        var rented = ArrayPool<byte>.Shared.Rent((int)most);
        try
        {
            var writer = new RespWriter(rented);
            writer.WriteRequest(command.Encoded, command.Words, arguments);
            return new Request(rented, writer.Length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }
    }

    public Request Copy()
    {
        var rented = ArrayPool<byte>.Shared.Rent(length);
        Span.CopyTo(rented);
        return new Request(rented, length);
    }

    public void Return()
    {
        if (array is not null)
            ArrayPool<byte>.Shared.Return(array);
    }
}
