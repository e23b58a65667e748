using System.Text;
using MailOps.Messages;

namespace MailOps.Relay.Server.Pickup;

/// <summary>
/// The header of a file in the pickup folder: whom the message is from and to, and what of the header goes along. X-Sender and X-Receiver fields count where they are the first of the
/// header, as a drop folder writes them; further down they are the sender's, who may not choose recipients that way.
/// </summary>
internal sealed class PickupHeader
{
    private static readonly string[] RecipientFields = ["To", "Cc", "Bcc"];
    private readonly List<Field> _fields = [];

    private sealed record Field(string Name, byte[] Bytes)
    {
        public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

        /// <summary>The value, unfolded (RFC 5322 section 2.2.3).</summary>
        public string Value => Encoding.UTF8.GetString(Bytes)[(Name.Length + 1)..].Replace("\r\n", "", StringComparison.Ordinal).Trim();
    }

    private PickupHeader()
    {
    }

    /// <summary>The envelope sender; null is the null sender.</summary>
    public EmailAddress? Sender { get; private set; }

    /// <summary>The envelope recipients, each once.</summary>
    public IReadOnlyList<EmailAddress> Recipients { get; private set; } = [];

    /// <summary>What goes along, with CRLF and without the empty line: neither the envelope nor Bcc.</summary>
    public byte[] Kept { get; private set; } = [];

    /// <summary>Whether there is a Date, and a Message-ID.</summary>
    public (bool Date, bool MessageId) Has => (_fields.Exists(f => f.Is("Date")), _fields.Exists(f => f.Is("Message-ID")));

    /// <summary>Whether it can travel only with SMTPUTF8 (RFC 6531 section 3.2).</summary>
    public bool NeedsUtf8 { get; private set; }

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">All of it, to the empty line or the end of the file.</param>
    /// <exception cref="FormatException">It is none, or says not from whom or to whom; the message says what.</exception>
    public static PickupHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new PickupHeader();
        header.Split(bytes);
        var envelope = header._fields.TakeWhile(f => f.Is("X-Sender") || f.Is("X-Receiver")).ToList();
        try
        {
            header.Sender = envelope.Find(f => f.Is("X-Sender")) is { } from ? Path(from.Value) : header.HeaderSender();
            var to = envelope.Where(f => f.Is("X-Receiver")).Select(f => Path(f.Value) ?? throw new FormatException("An X-Receiver field names nobody.")).ToList();
            header.Recipients = [.. (to.Count > 0 ? to : header.HeaderRecipients()).Distinct()];
        }
        catch (MailOpsException e)
        {
            throw new FormatException(e.Message, e);
        }
        if (header.Recipients.Count == 0) throw new FormatException("No field names a recipient.");
        header.Kept = [.. header._fields.Skip(envelope.Count).Where(f => !f.Is("Bcc") && !f.Is("Resent-Bcc")).SelectMany(f => f.Bytes)];
        header.NeedsUtf8 = header.Kept.AsSpan().IndexOfAnyInRange((byte)0x80, (byte)0xff) >= 0 || header.Sender is { NeedsUtf8: true } || header.Recipients.Any(r => r.NeedsUtf8);
        return header;
    }

    private void Split(ReadOnlySpan<byte> bytes)
    {
        for (var rest = bytes; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.IsEmpty) break;
            if (line.Contains((byte)'\r')) throw new FormatException("The header has a CR that ends no line.");
            if (line[0] is (byte)' ' or (byte)'\t' && _fields.Count > 0) _fields[^1] = _fields[^1] with { Bytes = [.. _fields[^1].Bytes, .. line, .. "\r\n"u8] };
            else _fields.Add(new Field(NameOf(line), [.. line, .. "\r\n"u8]));
        }
        if (_fields.Count == 0) throw new FormatException("It has no header.");
    }

    // RFC 5322 section 2.2: printable characters before the colon.
    private static string NameOf(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon].TrimEnd(" \t"u8);
        return colon > 0 && name.IndexOfAnyExceptInRange((byte)33, (byte)126) < 0
            ? Encoding.ASCII.GetString(line[..colon])
            : throw new FormatException($"This line of the header is no field: '{Encoding.UTF8.GetString(line[..Math.Min(line.Length, 60)])}'.");
    }

    // RFC 5322 section 3.6.6: a message that was sent again goes where that says.
    private string Prefix => _fields.Exists(f => f.Is("Resent-From") || f.Is("Resent-Sender")) ? "Resent-" : "";

    private EmailAddress HeaderSender() => ListOf(Prefix + "Sender").Concat(ListOf(Prefix + "From")).FirstOrDefault() ?? throw new FormatException("No field names a sender.");

    private IEnumerable<EmailAddress> HeaderRecipients() => RecipientFields.SelectMany(name => ListOf(Prefix + name));

    private IEnumerable<EmailAddress> ListOf(string name) => _fields.Where(f => f.Is(name)).SelectMany(f => Mailbox.ParseField(f.Value)).Select(mailbox => mailbox.Address);

    private static EmailAddress? Path(string text)
    {
        var bare = text.StartsWith('<') && text.EndsWith('>') ? text[1..^1] : text;
        return bare.Length == 0 ? null : EmailAddress.Parse(bare);
    }
}
