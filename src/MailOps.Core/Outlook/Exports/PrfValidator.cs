using System.Globalization;
using System.Text.RegularExpressions;
using MailOps.Messages;

namespace MailOps.Outlook.Exports;

/// <summary>What the sections of a PRF file must be to each other, and what their values may be.</summary>
internal sealed class PrfValidator
{
    private static readonly Regex Numbered = new(@"\A(?<what>Service|Account)(?<number>[1-9][0-9]{0,3})\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
    private static readonly Regex Mapping = new(@"\A(?<kind>PT_UNICODE|PT_STRING8|PT_LONG|PT_BOOLEAN|PT_BINARY),\s*0x(?<tag>[0-9A-F]{4})\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
    private readonly PrfDocument _file;
    private readonly Action<string> _fault;

    private PrfValidator(PrfDocument file, Action<string> fault)
    {
        (_file, _fault) = (file, fault);
    }

    /// <summary>Looks a file over.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fault">Takes what is wrong.</param>
    /// <returns>Its accounts for POP3 and IMAP.</returns>
    public static IReadOnlyList<PrfAccount> Check(PrfDocument file, Action<string> fault)
    {
        var validator = new PrfValidator(file, fault);
        validator.CheckOrder();
        validator.CheckGeneral();
        validator.CheckQuotes();
        validator.CheckServices();
        return validator.CheckAccounts();
    }

    private void CheckOrder()
    {
        var names = _file.Sections.Select(section => section.Name).Take(PrfSchema.First.Length);
        if (!names.SequenceEqual(PrfSchema.First, StringComparer.OrdinalIgnoreCase)) _fault($"it does not begin with the sections [{string.Join("], [", PrfSchema.First)}], in this order");
        var used = Listed("Service List").Concat(Listed("Internet Account List")).ToArray();
        foreach (var section in _file.Sections.Skip(PrfSchema.First.Length))
        {
            var isUsed = Array.Exists(used, entry => Same(entry.Key, section.Name) || Same(entry.Value, section.Name));
            if (!isUsed) _fault(PrfDocument.At(section.Line, $"nothing refers to the section [{section.Name}], and Outlook passes over it"));
        }
        // Values before mappings: parts 4 and 5 before 6 and 7.
        var firstMapping = _file.Sections.FirstOrDefault(section => Array.Exists(used, entry => Same(entry.Value, section.Name)))?.Line ?? int.MaxValue;
        foreach (var late in _file.Sections.Where(section => section.Line > firstMapping && Array.Exists(used, entry => Same(entry.Key, section.Name))))
            _fault(PrfDocument.At(late.Line, $"the values of [{late.Name}] stand behind the lines that map keys"));
    }

    private void CheckGeneral()
    {
        if (_file.Section("General") is not { } general) return;
        if (string.IsNullOrEmpty(general.Value("ProfileName"))) _fault("[General] has no ProfileName");
        if (general.Value("ProfileName")?.Contains('\\') == true) _fault("ProfileName has a backslash, with which no profile can be made");
        if (general.Value("Custom") is null) _fault("[General] has no Custom=1");
        foreach (var line in general.Lines)
        {
            if (!PrfSchema.General.TryGetValue(line.Key, out var values)) _fault(PrfDocument.At(line.Number, $"[General] has no key {line.Key}"));
            else if (values.Length > 0 && !values.Contains(line.Value, StringComparer.OrdinalIgnoreCase)) _fault(PrfDocument.At(line.Number, $"{line.Key} is {string.Join(" or ", values)}, and not '{line.Value}'"));
        }
        if (general.Value("DefaultStore") is { } store && _file.Value("Service List", store) is null) _fault($"DefaultStore is '{store}', which [Service List] does not have");
    }

    // Of a data file's path the quotes may be wanted away.
    private void CheckQuotes()
    {
        foreach (var line in _file.Sections.Where(section => Same(section.Name, "General") || Listed("Internet Account List").Any(entry => Same(entry.Key, section.Name))).SelectMany(section => section.Lines))
        {
            if (PrfSchema.IsQuoted(line.Value)) _fault(PrfDocument.At(line.Number, $"{line.Key} stands in quotes, which Outlook takes away"));
        }
    }

    private void CheckServices()
    {
        foreach (var entry in Listed("Service List"))
        {
            if (_file.Section(entry.Key) is null) _fault(PrfDocument.At(entry.Number, $"there is no section [{entry.Key}] for it"));
            if (_file.Section(entry.Value) is not { } mapping) _fault(PrfDocument.At(entry.Number, $"there is no section [{entry.Value}] that maps its keys"));
            else if (mapping.Value("ServiceName") is null) _fault(PrfDocument.At(mapping.Line, $"[{mapping.Name}] has no ServiceName"));
            else CheckMapped(_file.Section(entry.Key), mapping, "ServiceName");
        }
    }

    private List<PrfAccount> CheckAccounts()
    {
        var accounts = new List<PrfAccount>();
        var listed = Listed("Internet Account List").ToArray();
        if (listed.Length == 0) _fault("[Internet Account List] names no account");
        foreach (var entry in listed)
        {
            if (PrfSchema.Protocol(entry.Value) is not { } protocol)
            {
                _fault(PrfDocument.At(entry.Number, $"'{entry.Value}' is not a kind of account: {PrfSchema.Pop3Section} is POP3, {PrfSchema.ImapSection} is IMAP"));
                continue;
            }
            if (_file.Section(entry.Value) is not { } mapping) _fault(PrfDocument.At(entry.Number, $"there is no section [{entry.Value}] that maps its keys"));
            else CheckMapping(mapping, protocol);
            if (_file.Section(entry.Key) is not { } values) _fault(PrfDocument.At(entry.Number, $"there is no section [{entry.Key}] for it"));
            else accounts.Add(CheckAccount(values, protocol));
        }
        foreach (var twice in listed.Select(entry => (Type: entry.Value.ToUpperInvariant(), Name: _file.Value(entry.Key, "AccountName")?.ToUpperInvariant())).GroupBy(account => account).Where(same => same.Key.Name is not null && same.Count() > 1))
            _fault($"two accounts of one kind have the AccountName '{twice.Key.Name}'");
        return accounts;
    }

    private void CheckMapping(PrfSection mapping, MailProtocol protocol)
    {
        var type = mapping.Value("AccountType");
        if (!(Same(type, PrfSchema.Prefix(protocol)) || (protocol == MailProtocol.Pop3 && Same(type, "POP")))) _fault(PrfDocument.At(mapping.Line, $"[{mapping.Name}] has no AccountType={PrfSchema.Prefix(protocol)}"));
        var keys = PrfSchema.Keys(protocol);
        foreach (var line in mapping.Lines.Where(line => !Same(line.Key, "AccountType")))
        {
            var match = Mapping.Match(line.Value);
            var known = keys.FirstOrDefault(key => Same(key.Name, line.Key));
            if (!match.Success) _fault(PrfDocument.At(line.Number, $"'{line.Value}' maps nothing: it is a kind and a number, as in PT_UNICODE,0x0002"));
            else if (known is null) _fault(PrfDocument.At(line.Number, $"an account has no key {line.Key}"));
            else if (int.Parse(match.Groups["tag"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) != known.Tag || !IsKind(known, match.Groups["kind"].Value))
                _fault(PrfDocument.At(line.Number, string.Format(CultureInfo.InvariantCulture, "{0} is {1},0x{2:X4}, and not {3}", known.Name, known.Kind, known.Tag, line.Value)));
        }
    }

    private PrfAccount CheckAccount(PrfSection values, MailProtocol protocol)
    {
        CheckMapped(values, _file.Section(PrfSchema.Section(protocol)), "UniqueService");
        var prefix = PrfSchema.Prefix(protocol);
        foreach (var needed in new[] { "AccountName", "EmailAddress", prefix + "Server", prefix + "UserName", "SMTPServer" })
        {
            if (string.IsNullOrEmpty(values.Value(needed))) _fault(PrfDocument.At(values.Line, $"[{values.Name}] has no {needed}"));
        }
        var keys = PrfSchema.Keys(protocol);
        foreach (var line in values.Lines)
        {
            if (keys.FirstOrDefault(key => Same(key.Name, line.Key)) is { IsNumber: true } number) CheckNumber(line, number.Name);
            else if (line.Key.EndsWith("Server", StringComparison.OrdinalIgnoreCase) && !DomainName.TryToAscii(line.Value, out _)) _fault(PrfDocument.At(line.Number, $"'{line.Value}' is no host name"));
        }
        if (values.Value("EmailAddress") is { Length: > 0 } address && !EmailAddress.TryParse(address, out _)) _fault(PrfDocument.At(values.Line, $"'{address}' is not an e-mail address"));
        CheckTogether(values);
        return new PrfAccount(protocol, values.Value("EmailAddress") ?? "", values.Value(prefix + "Server") ?? "", values.Value("SMTPServer") ?? "");
    }

    private void CheckNumber(PrfLine line, string name)
    {
        var most = name switch
        {
            "SMTPSecureConnection" => 3L,
            "SMTPAuthMethod" => 2,
            _ when name.EndsWith("UseSSL", StringComparison.Ordinal) || name.EndsWith("UseSPA", StringComparison.Ordinal) || name == "SMTPUseAuth" => 1,
            _ when name.EndsWith("Port", StringComparison.Ordinal) => 65535,
            _ => uint.MaxValue,
        };
        var least = name.EndsWith("Port", StringComparison.Ordinal) ? 1 : 0;
        if (Number(line.Value) is not { } value || value < least || value > most) _fault(PrfDocument.At(line.Number, string.Format(CultureInfo.InvariantCulture, "{0} is a number from {1} to {2}, and not '{3}'", name, least, most, line.Value)));
    }

    private void CheckTogether(PrfSection values)
    {
        var own = Number(values.Value("SMTPAuthMethod")) == 1;
        if (own != !string.IsNullOrEmpty(values.Value("SMTPUserName"))) _fault(PrfDocument.At(values.Line, "SMTPUserName and SMTPAuthMethod=1 (a name of its own for sending) go together"));
        if (Number(values.Value("SMTPSecureConnection")) is { } secure && Number(values.Value("SMTPUseSSL")) is { } ssl && (secure > 0) != (ssl > 0)) _fault(PrfDocument.At(values.Line, "SMTPUseSSL and SMTPSecureConnection contradict each other"));
        if (values.Value("SMTPUseSSL") is null != values.Value("SMTPSecureConnection") is null) _fault(PrfDocument.At(values.Line, "SMTPUseSSL and SMTPSecureConnection are both needed"));
    }

    /// <summary>That each key of a section with values is mapped.</summary>
    private void CheckMapped(PrfSection? values, PrfSection? mapping, string unmapped)
    {
        if (values is null || mapping is null) return;
        foreach (var line in values.Lines.Where(line => !Same(line.Key, unmapped) && mapping.Value(line.Key) is null))
            _fault(PrfDocument.At(line.Number, $"[{mapping.Name}] does not map {line.Key}, and Outlook passes over it"));
    }

    /// <summary>The entries of a list, which are numbered from one on.</summary>
    private IEnumerable<PrfLine> Listed(string list)
    {
        var what = Same(list, "Service List") ? "Service" : "Account";
        var next = 1;
        foreach (var line in _file.Section(list)?.Lines ?? [])
        {
            var match = Numbered.Match(line.Key);
            if (match.Success && Same(match.Groups["what"].Value, what) && int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) == next) next++;
            else _fault(PrfDocument.At(line.Number, string.Format(CultureInfo.InvariantCulture, "'{0}' stands where {1}{2} is to be", line.Key, what, next)));
            yield return line;
        }
    }

    private static long? Number(string? text)
    {
        if (text is null) return null;
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return uint.TryParse(isHex ? text.Substring(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static bool IsKind(PrfKey key, string kind) => Same(kind, key.Kind) || (!key.IsNumber && Same(kind, "PT_STRING8"));

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
