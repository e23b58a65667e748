using System.Text;

namespace MailOps.Diagnosis;

/// <summary>What came is no SMTP reply, or too much of one.</summary>
internal sealed class NotSmtpException(string why, byte[] seen) : Exception(why)
{
    /// <summary>The bytes that came, or their start.</summary>
    public IReadOnlyList<byte> Seen => seen;

    /// <summary>The same as text; not fit to be shown.</summary>
    public string Text => Encoding.UTF8.GetString(seen);
}
