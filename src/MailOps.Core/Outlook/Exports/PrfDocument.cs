using System.Globalization;
using MailOps.Messages;

namespace MailOps.Outlook.Exports;

/// <summary>A PRF file as it was read, and all that is wrong with it. Outlook passes over what it does not understand without a word; this says it.</summary>
public sealed class PrfDocument
{
    /// <summary>The most bytes that are read; one account has two thousand.</summary>
    public const int MaxSize = 256 * 1024;

    private const int MaxFaults = 50;
    private readonly Dictionary<string, PrfSection> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<PrfSection> _sections = [];
    private readonly List<string> _faults = [];

    private PrfDocument()
    {
    }

    /// <summary>What is wrong with it, each with the number of its line where there is one; empty where nothing is.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The profile that it makes or adds to.</summary>
    public string ProfileName => Value("General", "ProfileName") ?? "";

    /// <summary>Its accounts for POP3 and IMAP, in their order.</summary>
    public IReadOnlyList<PrfAccount> Accounts { get; private set; } = [];

    internal IReadOnlyList<PrfSection> Sections => _sections;

    /// <summary>Reads a file. What is wrong with it are its <see cref="Faults"/>.</summary>
    public static PrfDocument Parse(byte[] content)
    {
        var document = new PrfDocument();
        if (content.Length > MaxSize)
        {
            document.Fault("the file has more than 256 KiB");
            return document;
        }
        document.Read(content);
        if (document._faults.Count == 0) document.Accounts = PrfValidator.Check(document, document.Fault);
        return document;
    }

    /// <summary>That nothing is wrong with it.</summary>
    /// <param name="path">Its name, for the error.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.PrfInvalid"/>: all that is.</exception>
    public void ThrowIfFaulty(string path)
    {
        if (_faults.Count > 0)
            throw new MailOpsException(ErrorCode.PrfInvalid, $"The PRF file '{path}' is not one that Outlook would take as it is meant: {string.Join("; ", _faults)}.", "Make it anew with Export-MailClientProfile -Format Prf, or mend what is named.");
    }

    internal PrfSection? Section(string name) => _byName.TryGetValue(name, out var section) ? section : null;

    internal string? Value(string section, string key) => Section(section)?.Value(key);

    private void Fault(string fault)
    {
        if (_faults.Count < MaxFaults && !_faults.Contains(fault)) _faults.Add(fault);
    }

    private void Read(byte[] content)
    {
        if (content.Length >= 2 && ((content[0] == 0xFF && content[1] == 0xFE) || (content[0] == 0xFE && content[1] == 0xFF) || (content[0] == 0xEF && content[1] == 0xBB)))
            Fault("the file begins with the mark of a Unicode encoding; Outlook reads code page 1252");
        var lines = AnsiText.Text(content).Split('\n');
        if (lines[lines.Length - 1].Length > 0) Fault("the last line has no end");
        PrfSection? section = null;
        for (var i = 0; i < lines.Length - 1; i++)
        {
            var (line, number) = (lines[i], i + 1);
            if (!line.EndsWith("\r", StringComparison.Ordinal)) Fault(At(number, "it does not end in CRLF"));
            line = line.TrimEnd('\r');
            if (line.Any(char.IsControl)) Fault(At(number, "a control character, or a byte that code page 1252 does not have"));
            else if (line.Trim().Length > 0 && line[0] != ';') section = Line(line, number, section);
        }
    }

    private PrfSection? Line(string line, int number, PrfSection? section)
    {
        if (line[0] == '[')
        {
            if (line[line.Length - 1] != ']' || line.Length < 3)
            {
                Fault(At(number, $"'{line}' begins as a section and is none"));
                return section;
            }
            var next = new PrfSection(line.Substring(1, line.Length - 2), number);
            if (_byName.ContainsKey(next.Name)) Fault(At(number, $"the section [{next.Name}] is there twice"));
            else _byName[next.Name] = next;
            _sections.Add(next);
            return next;
        }
        var equals = line.IndexOf('=');
        if (equals < 1 || line.Substring(0, equals).Trim().Length == 0) Fault(At(number, $"'{Printable.Escape(line)}' is neither a section nor key=value"));
        else if (section is null) Fault(At(number, "it stands before the first section"));
        else if (!section.Add(new PrfLine(line.Substring(0, equals).Trim(), line.Substring(equals + 1).Trim(), number))) Fault(At(number, $"the key {line.Substring(0, equals).Trim()} is there twice in [{section.Name}]"));
        return section;
    }

    internal static string At(int line, string what) => string.Format(CultureInfo.InvariantCulture, "line {0}: {1}", line, what);
}

/// <summary>An account of a PRF file.</summary>
/// <param name="Protocol">POP3 or IMAP.</param>
/// <param name="EmailAddress">Its address.</param>
/// <param name="IncomingServer">Its server for reading.</param>
/// <param name="SmtpServer">Its server for sending.</param>
public sealed record PrfAccount(MailProtocol Protocol, string EmailAddress, string IncomingServer, string SmtpServer)
{
    /// <summary>What kind of account Outlook makes of it.</summary>
    public OutlookAccountType Type => Protocol == MailProtocol.Pop3 ? OutlookAccountType.Pop3 : OutlookAccountType.Imap;

    /// <summary>The account that Outlook made of it; null where there is none.</summary>
    internal OutlookAccount? FindIn(IEnumerable<OutlookAccount> accounts, string version, string profile) =>
        accounts.FirstOrDefault(one => one.Type == Type && one.Place.Version == version && Same(one.Profile, profile) && Same(one.Email, EmailAddress));

    /// <summary>Whether an account has the servers of this one.</summary>
    internal OutlookProfileState StateOf(OutlookAccount made) =>
        Same(made.Text(made.Incoming("Server")), IncomingServer) && Same(made.Text(ValueNames.SmtpServer), SmtpServer) ? OutlookProfileState.Verified : OutlookProfileState.Different;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A section of a PRF file.</summary>
internal sealed class PrfSection(string name, int line)
{
    private readonly Dictionary<string, PrfLine> _byKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<PrfLine> _lines = [];

    public string Name => name;

    public int Line => line;

    public IReadOnlyList<PrfLine> Lines => _lines;

    /// <summary>Adds a line; false where its key is there already.</summary>
    public bool Add(PrfLine added)
    {
        if (_byKey.ContainsKey(added.Key)) return false;
        _byKey[added.Key] = added;
        _lines.Add(added);
        return true;
    }

    public string? Value(string key) => _byKey.TryGetValue(key, out var found) ? found.Value : null;
}

/// <summary>A key and its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Number">The number of the line.</param>
internal sealed record PrfLine(string Key, string Value, int Number);
