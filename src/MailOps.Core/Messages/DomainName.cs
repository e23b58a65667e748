using System.Globalization;

namespace MailOps.Messages;

/// <summary>Domain names as the DNS and comparisons need them.</summary>
public static class DomainName
{
    // Thread-safe for reading; unassigned code points are refused, as in a look-up of a registered name (RFC 5891 section 5).
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = false };

    /// <summary>The A-label form (RFC 5890 section 2.3.2.1) in lower case, without a final dot; false where the name has none.</summary>
    public static bool TryToAscii(string name, out string ascii)
    {
        ascii = "";
        var bare = name.Length > 1 && name[name.Length - 1] == '.' ? name.Substring(0, name.Length - 1) : name;
        try
        {
            var mapped = bare.All(c => c < '\x80') ? bare : Idn.GetAscii(bare);
            if (!EmailAddress.IsDomain(mapped)) return false;
            ascii = mapped.ToLowerInvariant();
            return true;
        }
        catch (ArgumentException)
        {
            return false;   // IdnMapping's way to say that no A-label form exists
        }
    }

    /// <summary>The A-label form in lower case; a name that has none (an address literal, say) stays as it is, in lower case.</summary>
    public static string ToAscii(string name) => TryToAscii(name, out var ascii) ? ascii : name.ToLowerInvariant();
}
