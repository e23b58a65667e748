namespace MailOps.Outlook.Exports;

/// <summary>The keys of an internet account in a PRF file, and the lines that map them to Outlook's properties. What has no such line Outlook passes over without a word.</summary>
internal static class PrfSchema
{
    public const string Pop3Section = "I_Mail";
    public const string ImapSection = "IMAP_I_Mail";

    /// <summary>The sections that come first, in this order.</summary>
    public static readonly string[] First = ["General", "Service List", "Internet Account List"];

    /// <summary>What [General] may say; no values where any text will do.</summary>
    public static readonly Dictionary<string, string[]> General = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Custom"] = ["1"],
        ["ProfileName"] = [],
        ["DefaultProfile"] = ["Yes", "No"],
        ["OverwriteProfile"] = ["Yes", "No", "Append"],
        ["ModifyDefaultProfileIfPresent"] = ["TRUE", "FALSE"],
        ["BackupProfile"] = ["Yes", "No", "False"],
        ["DefaultStore"] = [],
    };

    private static readonly PrfKey[] Shared =
    [
        new("AccountName", "PT_UNICODE", 0x0002), new("DisplayName", "PT_UNICODE", 0x000B), new("EmailAddress", "PT_UNICODE", 0x000C),
        new("{0}Server", "PT_UNICODE", 0x0100), new("{0}UserName", "PT_UNICODE", 0x0101), new("ReplyEmailAddress", "PT_UNICODE", 0x0103), new("{0}Port", "PT_LONG", 0x0104),
        new("{0}UseSSL", "PT_LONG", 0x0105), new("Organization", "PT_UNICODE", 0x0107), new("{0}UseSPA", "PT_LONG", 0x0108), new("ConnectionType", "PT_LONG", 0x000F),
        new("ConnectionOID", "PT_UNICODE", 0x0010), new("SMTPServer", "PT_UNICODE", 0x0200), new("SMTPPort", "PT_LONG", 0x0201), new("SMTPUseSSL", "PT_LONG", 0x0202),
        new("SMTPUseAuth", "PT_LONG", 0x0203), new("SMTPUserName", "PT_UNICODE", 0x0204), new("SMTPUseSPA", "PT_LONG", 0x0207), new("SMTPAuthMethod", "PT_LONG", 0x0208),
        new("ServerTimeOut", "PT_LONG", 0x0209), new("SMTPSecureConnection", "PT_LONG", 0x020A),
    ];

    /// <summary>What the keys of a protocol's server begin with.</summary>
    public static string Prefix(MailProtocol protocol) => protocol == MailProtocol.Pop3 ? "POP3" : "IMAP";

    /// <summary>The section that maps the keys of a protocol.</summary>
    public static string Section(MailProtocol protocol) => protocol == MailProtocol.Pop3 ? Pop3Section : ImapSection;

    /// <summary>The protocol of a section that maps; null where it is none of these two.</summary>
    public static MailProtocol? Protocol(string section) => section.ToUpperInvariant() switch { "I_MAIL" => MailProtocol.Pop3, "IMAP_I_MAIL" => MailProtocol.Imap, _ => null };

    /// <summary>Whether a value stands in quotes, of either kind, which whoever reads INI files takes away.</summary>
    public static bool IsQuoted(string value) => value.Length > 1 && value[0] is '"' or '\'' && value[value.Length - 1] == value[0];

    /// <summary>All keys of a protocol with their mapping, in the order in which they are written.</summary>
    public static IReadOnlyList<PrfKey> Keys(MailProtocol protocol) =>
    [
        .. Shared.Select(key => key with { Name = key.Name.Replace("{0}", Prefix(protocol)) }),
        .. protocol == MailProtocol.Pop3 ? (PrfKey[])[new("LeaveOnServer", "PT_LONG", 0x1000)] : [new("CheckNewImap", "PT_LONG", 0x1100), new("RootFolder", "PT_UNICODE", 0x1101)],
    ];
}

/// <summary>A key and the property it stands for.</summary>
/// <param name="Name">The key.</param>
/// <param name="Kind">PT_UNICODE for a text, PT_LONG for a number.</param>
/// <param name="Tag">The number of the property.</param>
internal sealed record PrfKey(string Name, string Kind, int Tag)
{
    /// <summary>Whether it holds a number.</summary>
    public bool IsNumber => Kind == "PT_LONG";
}
