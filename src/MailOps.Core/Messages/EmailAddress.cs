using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailOps.Messages;

/// <summary>A mailbox by the grammar of RFC 5321 section 4.1.2, as it stands between the angle brackets of a path: it cannot hold CR, LF or NUL.</summary>
/// <remarks>The local part is kept as it was written (RFC 5321 section 2.4: case may matter); domains are compared without case.</remarks>
public sealed record EmailAddress
{
    private EmailAddress(string localPart, string domain)
    {
        LocalPart = localPart;
        Domain = domain;
    }

    /// <summary>The part before the last at sign, with its quotes if it was quoted.</summary>
    public string LocalPart { get; }

    /// <summary>The part after it: a domain name, or an address literal in brackets.</summary>
    public string Domain { get; }

    /// <summary>Whether it can travel only with SMTPUTF8 (RFC 6531 section 3.3).</summary>
    public bool NeedsUtf8 => HasNonAscii(LocalPart) || HasNonAscii(Domain);

    /// <summary>local-part@domain.</summary>
    public override string ToString() => LocalPart + "@" + Domain;

    /// <summary>Same local part, letter for letter, and same domain without case.</summary>
    public bool Equals(EmailAddress? other) =>
        other is not null && LocalPart == other.LocalPart && string.Equals(Domain, other.Domain, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(LocalPart) ^ StringComparer.OrdinalIgnoreCase.GetHashCode(Domain);

    /// <summary>Reads a mailbox; false where it is not one.</summary>
    /// <param name="text">The text between the angle brackets.</param>
    /// <param name="address">The address.</param>
    /// <param name="allowUtf8">Whether characters beyond ASCII are allowed (RFC 6531 section 3.3).</param>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EmailAddress? address, bool allowUtf8 = true)
    {
        address = null;
        if (text is null || text.Length == 0 || text.Length > 320) return false;
        var at = text.LastIndexOf('@');
        if (at < 1 || at == text.Length - 1) return false;
        var local = text.Substring(0, at);
        var domain = text.Substring(at + 1);
        if (!allowUtf8 && (HasNonAscii(local) || HasNonAscii(domain))) return false;
        if (Utf8Length(local) > 64 || Utf8Length(domain) > 255) return false;   // RFC 5321 section 4.5.3.1.1 and 4.5.3.1.2
        if (Utf8Length(text) > 254) return false;   // RFC 5321 section 4.5.3.1.3: a path has 256 octets, two of them the brackets
        if (!IsVisible(text)) return false;
        if (!(local[0] == '"' ? IsQuotedString(local) : IsDotString(local))) return false;
        if (!(domain[0] == '[' ? IsAddressLiteral(domain) : IsDomain(domain))) return false;
        address = new EmailAddress(local, domain);
        return true;
    }

    /// <summary>Reads a mailbox.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where it is not one.</exception>
    public static EmailAddress Parse(string text) =>
        TryParse(text, out var address)
            ? address
            : throw new MailOpsException(ErrorCode.InvalidAddress, $"'{Printable.Escape(text)}' is not an e-mail address.", "Write it as local-part@domain, for example user@example.com.");

    /// <summary>Whether a name is a domain by RFC 5321 section 4.1.2 (letters, digits, inner hyphens; U-labels beyond ASCII).</summary>
    public static bool IsDomain(string name) => name.Length is > 0 and <= 255 && name.Split('.').All(IsLabel) && IsVisible(name);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[label.Length - 1] != '-'
        && label.All(c => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '-' or '_' || IsUtf8Text(c));

    private static bool IsDotString(string local) => local.Split('.').All(atom => atom.Length > 0 && atom.All(IsAtomText));

    private static bool IsAtomText(char c) =>
        c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || "!#$%&'*+-/=?^_`{|}~".Contains(c) || IsUtf8Text(c);

    private static bool IsQuotedString(string local)
    {
        if (local.Length < 2 || local[local.Length - 1] != '"') return false;
        for (var i = 1; i < local.Length - 1; i++)
        {
            if (local[i] == '"') return false;
            if (local[i] == '\\' && (++i == local.Length - 1 || local[i] > '~')) return false;   // the backslash would quote the closing quote, or what needs no quoting (RFC 6531 section 3.3)
            if (local[i] is < ' ' or '\x7f' || (local[i] > '\x7f' && !IsUtf8Text(local[i]))) return false;
        }
        return true;
    }

    private static bool IsAddressLiteral(string domain)
    {
        if (domain[domain.Length - 1] != ']') return false;
        var inner = domain.Substring(1, domain.Length - 2);
        if (inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            return IsIPv6(inner.Substring(5));
        var octets = inner.Split('.');
        return octets.Length == 4 && octets.All(o => o.Length is > 0 and <= 3 && byte.TryParse(o, NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }

    // RFC 5321 section 4.1.3: "::" stands for at least two groups, so that at most six are left; the runtime takes one, and ports and scopes too.
    private static bool IsIPv6(string text)
    {
        if (!text.All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f' or >= 'A' and <= 'F' or ':' or '.')) return false;
        if (!IPAddress.TryParse(text, out var six) || six.AddressFamily != AddressFamily.InterNetworkV6) return false;
        return text.IndexOf("::", StringComparison.Ordinal) < 0 || text.Split(':').Sum(group => group.Length == 0 ? 0 : group.IndexOf('.') < 0 ? 1 : 2) <= 6;
    }

    // What turns the text around it, or hides in it, shows another address than the one that the mail goes to. The joiners stay between letters beyond ASCII: some scripts need them.
    private static bool IsVisible(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\u200c' or '\u200d' ? i == 0 || text[i - 1] <= '\x7f' || i == text.Length - 1 || text[i + 1] <= '\x7f' : text[i] > '\x7f' && Printable.IsUnfit(text, i)) return false;
        }
        return true;
    }

    private static bool IsUtf8Text(char c) => c > '\x9f';

    private static bool HasNonAscii(string text) => text.Any(c => c > '\x7f');

    private static int Utf8Length(string text) => System.Text.Encoding.UTF8.GetByteCount(text);
}
