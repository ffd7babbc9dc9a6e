namespace Headroom.Load.Wire;

/// <summary>
/// Counts the events of a text/event-stream body as it comes, in whatever pieces, after the grammar of the HTML standard (§9.2.6): lines end in CR, LF or CRLF; a
/// byte order mark at the beginning is skipped; an empty line dispatches an event when a <c>data</c> field was seen since the last one. Comments (heartbeats) and
/// fields without data make none, and an event that the stream's end cuts off is none.
/// </summary>
internal struct EventCounter
{
    private enum Line : byte
    {
        /// <summary>Nothing of the line has come.</summary>
        Empty,

        /// <summary>What has come is a beginning of <c>data</c>.</summary>
        Name,

        /// <summary>The rest of the line does not matter.</summary>
        Rest,
    }

    private static ReadOnlySpan<byte> DataField => "data"u8;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private Line _line;
    private byte _matched;
    private byte _markMatched;
    private bool _begun;
    private bool _afterCarriageReturn;
    private bool _hasData;

    /// <summary>Takes the next bytes of the body and returns how many events they complete, counting no further than <paramref name="max"/>.</summary>
    public long Feed(ReadOnlySpan<byte> bytes, long max)
    {
        long events = 0;
        for (var i = 0; i < bytes.Length && events < max; i++)
        {
            if (_line == Line.Rest)
            {
                var end = bytes[i..].IndexOfAny((byte)'\r', (byte)'\n');
                if (end < 0)
                {
                    _afterCarriageReturn = false;
                    return events;
                }

                i += end;
            }

            if (!_begun && TakeMark(bytes[i]))
                continue;
            if (Take(bytes[i]))
                events++;
        }

        return events;
    }

    /// <summary>Whether the byte belongs to a byte order mark. The beginning of one that is not completed is the beginning of a line.</summary>
    private bool TakeMark(byte octet)
    {
        if (octet == ByteOrderMark[_markMatched])
        {
            _begun = ++_markMatched == ByteOrderMark.Length;
            return true;
        }

        _begun = true;
        if (_markMatched > 0)
            _line = Line.Rest;
        return false;
    }

    /// <summary>Whether the byte completes an event.</summary>
    private bool Take(byte octet)
    {
        var followsCarriageReturn = _afterCarriageReturn;
        _afterCarriageReturn = octet == '\r';
        if (octet is (byte)'\r' or (byte)'\n')
            return !(octet == '\n' && followsCarriageReturn) && EndLine();

        if (_line == Line.Rest)
            return false;
        if (_matched < DataField.Length && octet == DataField[_matched])
        {
            _matched++;
            _line = Line.Name;
            return false;
        }

        _hasData |= octet == ':' && _matched == DataField.Length;
        _line = Line.Rest;
        return false;
    }

    private bool EndLine()
    {
        var dispatches = _line == Line.Empty && _hasData;
        if (_line == Line.Empty)
            _hasData = false;

        // A line that is the field's name alone is the field with an empty value.
        _hasData |= _line == Line.Name && _matched == DataField.Length;
        _line = Line.Empty;
        _matched = 0;
        return dispatches;
    }
}
