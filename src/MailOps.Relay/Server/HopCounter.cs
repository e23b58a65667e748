namespace MailOps.Relay.Server;

/// <summary>Counts the Received fields of a message's header (RFC 5321 section 6.3: how loops are found), and its bytes, while it streams by.</summary>
internal sealed class HopCounter
{
    private const int SkippingLine = -1;
    private const int AfterHeader = -2;
    private const int InOtherName = -3;
    private const int MaxNameLength = 998;   // RFC 5322 section 2.1.1: of a whole line

    // How much of "received:" the line has matched so far, or one of the three above.
    private int _matched;
    private bool _lineHasText;
    private int _nameLength;

    /// <summary>The fields so far.</summary>
    public int Hops { get; private set; }

    /// <summary>The bytes of the header so far, with the empty line that ends it.</summary>
    public long HeaderSize { get; private set; }

    /// <summary>Looks at more of the message.</summary>
    public void Count(ReadOnlySpan<byte> bytes)
    {
        var i = 0;
        while (i < bytes.Length && _matched != AfterHeader)
        {
            if (_matched == SkippingLine)
            {
                var end = bytes[i..].IndexOf((byte)'\n');
                i = end < 0 ? bytes.Length : i + end;
            }
            if (i < bytes.Length) Take(bytes[i++]);
        }
        HeaderSize += i;
    }

    private void Take(byte b)
    {
        if (b == '\n')
        {
            // RFC 5322 section 2.1: an empty line ends the header. So does one that is no field: there are senders without a header, and theirs is all body.
            _matched = _lineHasText && _matched == SkippingLine ? 0 : AfterHeader;
            (_lineHasText, _nameLength) = (false, 0);
            return;
        }
        if (b == '\r') return;
        var folded = !_lineHasText && b is (byte)' ' or (byte)'\t';
        _lineHasText = true;
        if (folded || (_matched == InOtherName && b == ':')) _matched = SkippingLine;
        else if (_matched == InOtherName && ++_nameLength > MaxNameLength) _matched = AfterHeader;
        if (_matched < 0) return;
        if ((b | 0x20) != "received:"u8[_matched]) _matched = b == ':' ? SkippingLine : InOtherName;
        else if (++_matched == "received:"u8.Length)
        {
            Hops++;
            _matched = SkippingLine;
        }
    }
}
