using System.Text;

namespace MailOps.Messages;

/// <summary>What came over the network, as it may be shown on a terminal: escaped, and not without end.</summary>
internal static class WireText
{
    private const int MaxShown = 400;

    /// <summary>Bytes as text.</summary>
    public static string Show(byte[] bytes, int start, int count) => Show(Encoding.UTF8.GetString(bytes, start, count));

    /// <summary>Text as it may be shown.</summary>
    public static string Show(string text, int max = MaxShown) => text.Length > max ? Printable.Escape(text.Substring(0, max)) + '…' : Printable.Escape(text);
}
