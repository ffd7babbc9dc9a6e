using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Responses;

/// <summary>
/// A response as checks and extractions look at it. A worker has one and uses it for one response after another; the body is decoded, and made text, when
/// somebody first looks at it.
/// </summary>
internal sealed class ResponseView
{
    private const int KeptBytesMax = 1024 * 1024;

    private readonly long _bodyBytesMax;
    private CapturedResponse? _captured;
    private byte[] _decoded = [];
    private int _decodedBytes;
    private bool _isDecoded;
    private string? _text;

    /// <param name="bodyBytesMax">Longest decoded body that is looked at.</param>
    public ResponseView(long bodyBytesMax) => _bodyBytesMax = bodyBytesMax;

    /// <summary>0 when there was no response: then nothing is found and no check holds.</summary>
    public int Status { get; private set; }

    public long SizeBytes { get; private set; }

    public double LatencyMs { get; private set; }

    /// <summary>Bodies of which only the beginning was looked at.</summary>
    public long Truncated { get; private set; }

    public void Show(in Exchange exchange, long latencyNs, CapturedResponse? captured)
    {
        Status = exchange.Error == WireError.None ? exchange.Status : 0;
        SizeBytes = exchange.DecodedBodyBytes;
        LatencyMs = latencyNs / 1e6;
        _captured = captured;
        _isDecoded = false;
        _text = null;
        if (captured is { IsTruncated: true })
            Truncated++;
    }

    /// <summary>The body with Content-Encoding undone, as far as it was kept; what cannot be decoded is empty.</summary>
    public ReadOnlySpan<byte> Body()
    {
        if (_captured is null)
            return [];
        if (_captured.Coding == ContentCoding.Identity)
            return _captured.Body;
        if (!_isDecoded)
            Decode();
        return _decoded.AsSpan(0, _decodedBytes);
    }

    public string BodyText() => _text ??= Encoding.UTF8.GetString(Body());

    /// <summary>The first header of that name.</summary>
    public bool TryFindHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_captured is null)
            return false;
        var rest = _captured.Head;
        rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        while (rest.IndexOf((byte)'\n') is var end and > 0)
        {
            var line = rest[..end];
            rest = rest[(end + 1)..];
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                value = line[(name.Length + 1)..].Trim(" \t\r"u8);
                return true;
            }
        }

        return false;
    }

    private void Decode()
    {
        _isDecoded = true;
        _decodedBytes = 0;
        if (_decoded.Length > KeptBytesMax)
            _decoded = [];
        using var source = new MemoryStream(_captured!.Body.ToArray());
        using Stream? decoder = _captured.Coding switch
        {
            ContentCoding.Gzip => new GZipStream(source, CompressionMode.Decompress),
            ContentCoding.Brotli => new BrotliStream(source, CompressionMode.Decompress),
            _ => null,
        };
        if (decoder is null)
            return;
        try
        {
            while (_decodedBytes < _bodyBytesMax)
            {
                if (_decoded.Length == _decodedBytes)
                    Array.Resize(ref _decoded, Math.Max(4096, _decoded.Length * 2));
                var room = (int)Math.Min(_decoded.Length - _decodedBytes, _bodyBytesMax - _decodedBytes);
                var read = decoder.Read(_decoded, _decodedBytes, room);
                if (read == 0)
                    return;
                _decodedBytes += read;
            }
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException)
        {
            // Not what its Content-Encoding says, or cut at the capture limit: what could be decoded stands.
        }
    }
}
