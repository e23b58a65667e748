using MailOps.Messages;

namespace MailOps.Diagnosis;

/// <summary>What came is no SMTP reply, or too much of one.</summary>
internal sealed class NotSmtpException(string why, byte[] seen) : Exception(why)
{
    /// <summary>The bytes that came, or their start.</summary>
    public IReadOnlyList<byte> Seen => seen;

    /// <summary>The same as it may be shown.</summary>
    public string Shown => WireText.Show(seen, 0, seen.Length);
}
