namespace MailOps.Reports;

/// <summary>Keeps the first bytes that are written to it, and lets the rest go.</summary>
internal sealed class BoundedStream(int limit) : MemoryStream
{
    public override void Write(byte[] buffer, int offset, int count)
    {
        var room = limit - (int)Length;
        if (room > 0) base.Write(buffer, offset, Math.Min(room, count));
    }
}
