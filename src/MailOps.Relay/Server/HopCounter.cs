namespace MailOps.Relay.Server;

/// <summary>Counts the Received fields of a message's header while it streams by (RFC 5321 section 6.3: how loops are found).</summary>
internal sealed class HopCounter
{
    private const int SkippingLine = -1;
    private const int AfterHeader = -2;

    // How much of "received:" the line has matched so far, or one of the two above.
    private int _matched;
    private bool _lineHasText;

    /// <summary>The fields so far.</summary>
    public int Hops { get; private set; }

    /// <summary>Looks at more of the message.</summary>
    public void Count(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length && _matched != AfterHeader; i++)
        {
            if (_matched == SkippingLine)
            {
                var end = bytes[i..].IndexOf((byte)'\n');
                if (end < 0) return;
                i += end;
            }
            Take(bytes[i]);
        }
    }

    private void Take(byte b)
    {
        if (b == '\n')
        {
            _matched = _lineHasText ? 0 : AfterHeader;   // RFC 5322 section 2.1: an empty line ends the header
            _lineHasText = false;
            return;
        }
        if (b == '\r') return;
        _lineHasText = true;
        if (_matched < 0) return;
        if ((b | 0x20) != "received:"u8[_matched]) _matched = SkippingLine;
        else if (++_matched == "received:"u8.Length)
        {
            Hops++;
            _matched = SkippingLine;
        }
    }
}
