using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>What a content is made of, looked at only where the server lacks the extension that would make it irrelevant.</summary>
/// <param name="HasEightBit">Octets above 127.</param>
/// <param name="HasEightBitHeader">Of those, some before the first empty line.</param>
/// <param name="HasBareNewline">A CR without LF or a LF without CR.</param>
internal readonly record struct ContentTraits(bool HasEightBit, bool HasEightBitHeader, bool HasBareNewline)
{
    public static async ValueTask<ContentTraits> OfAsync(MailContent content, CancellationToken cancellationToken)
    {
        var walk = new Walk();
        if (content.TryGetMemory(out var bytes))
        {
            walk.Read(bytes.Span);
            return walk.Traits;
        }
        var buffer = new byte[64 * 1024];
        var stream = content.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0) walk.Read(buffer.AsSpan(0, count));
        }
        return walk.Traits;
    }

    private sealed class Walk
    {
        private bool _inBody, _bare, _eight, _eightHeader;
        private byte _last;
        private int _lineLength;

        public ContentTraits Traits => new(_eight, _eightHeader, _bare || _last == '\r');

        public void Read(ReadOnlySpan<byte> bytes)
        {
            foreach (var b in bytes)
            {
                if (b > 127)
                {
                    _eight = true;
                    _eightHeader |= !_inBody;
                }
                if ((b == '\n') != (_last == '\r')) _bare = true;
                if (b == '\n')
                {
                    _inBody |= _lineLength == 0;
                    _lineLength = 0;
                }
                else if (b != '\r')
                {
                    _lineLength++;
                }
                _last = b;
            }
        }
    }
}
