using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Compression;

/// <summary>A request's decoded body: ends with an error at the first byte over the limit, however much more would follow, and where the encoded bytes are not valid.</summary>
internal sealed class DecodedBody(Stream decoder, long? maxBytes) : ReadOnlyStream
{
    long read;

    /// <summary>What ended it, null while all is well.</summary>
    public BadHttpRequestException? Failure { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        ThrowIfFailed();
        try
        {
            return Count(decoder.Read(buffer));
        }
        catch (InvalidDataException invalid)
        {
            throw Invalid(invalid);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfFailed();
        try
        {
            return Count(await decoder.ReadAsync(buffer, cancellationToken));
        }
        catch (InvalidDataException invalid)
        {
            throw Invalid(invalid);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decoder.Dispose();
        base.Dispose(disposing);
    }

    void ThrowIfFailed()
    {
        if (Failure is not null)
            throw Failure;
    }

    int Count(int bytes)
    {
        read += bytes;
        if (read > maxBytes)
        {
            Failure = new BadHttpRequestException($"The request's content is longer than {maxBytes} bytes when it is decoded.", StatusCodes.Status413PayloadTooLarge);
            throw Failure;
        }

        return bytes;
    }

    BadHttpRequestException Invalid(Exception cause) =>
        Failure = new BadHttpRequestException("The request's content is not valid in its Content-Encoding.", StatusCodes.Status400BadRequest, cause);
}
