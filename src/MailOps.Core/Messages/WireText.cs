namespace MailOps.Messages;

/// <summary>What came over the network, as it may be shown on a terminal: escaped, and not without end.</summary>
internal static class WireText
{
    private const int MaxShown = 400;

    /// <summary>Text as it may be shown.</summary>
    public static string Show(string text, int max = MaxShown) => Printable.Escape(Printable.Shorten(text, max));
}
