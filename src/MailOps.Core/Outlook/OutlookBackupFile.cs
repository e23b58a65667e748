using System.Globalization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>Backups as JSON. Whoever wrote one that is read is not trusted: it can name only what may be written, in accounts that are still what they were.</summary>
internal static class OutlookBackupFile
{
    /// <summary>A value with more bytes is not changed, since it would not be kept.</summary>
    public const int LongestValue = 1024 * 1024;

    private const string Format = "MailOps.OutlookBackup";
    private const string FormatVersion = "1";
    private const long LongestFile = 64L * 1024 * 1024;
    private const int LongestName = 255;

    private static readonly XmlDictionaryReaderQuotas Limits = new() { MaxDepth = 12, MaxStringContentLength = (2 * LongestValue) + 1, MaxArrayLength = 16384, MaxBytesPerRead = 65536, MaxNameTableCharCount = 65536 };

    /// <summary>The backup as the bytes of its file.</summary>
    public static byte[] Write(OutlookBackup backup, DateTime now)
    {
        var root = Item("root", "object", [
            Text("format", Format), Text("version", FormatVersion), Text("created", now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), Text("userSid", backup.UserSid),
            Item("accounts", "array", backup.Accounts.Select(Account))]);
        using var bytes = new MemoryStream();
        using (var json = JsonReaderWriterFactory.CreateJsonWriter(bytes, Encoding.UTF8, ownsStream: false, indent: true)) root.WriteTo(json);
        return bytes.ToArray();
    }

    /// <summary>Reads a backup.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>, or <see cref="ErrorCode.OutlookBackupInvalid"/> with what is wrong in it.</exception>
    public static OutlookBackup Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > LongestFile) throw Invalid(path, "it is too large");
            var bytes = new byte[file.Length];
            var read = 0;
            while (read < bytes.Length && file.Read(bytes, read, bytes.Length - read) is > 0 and var more) read += more;
            var mark = read >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0;   // an editor's
            using var reader = JsonReaderWriterFactory.CreateJsonReader(bytes, mark, read - mark, Limits);
            var root = XElement.Load(reader);
            if (Value(root, "format") != Format || Value(root, "version") != FormatVersion) throw new FormatException("it is no backup of MailOps");
            return new OutlookBackup(Value(root, "userSid"), [.. Below(root, "accounts").Select(ReadAccount)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{path}' cannot be read: {e.Message}", "Check the path, and that you may read it.", e);
        }
        catch (Exception e) when (e is FormatException or XmlException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw Invalid(path, e is FormatException ? Printable.Escape(e.Message) : "it is no JSON", e);
        }
    }

    /// <summary>Whether a text is read as it is written.</summary>
    public static bool IsKept(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text && !text.Any(c => char.IsControl(c) || !(char.IsSurrogate(c) || XmlConvert.IsXmlChar(c)));

    private static XElement Account(BackupAccount account) => Item("item", "object", [
        Text("outlookVersion", account.Version), Text("profile", account.Profile), Text("accountKey", account.Key), Text("accountType", account.Type.ToString()), Text("emailAddress", account.Email),
        Item("values", "array", account.Values.Select(value => Item("item", "object", [Text("name", value.Name), Data("before", value.Before), Data("after", value.After)])))]);

    private static XElement Item(string name, string type, IEnumerable<XElement> items) => new(name, new XAttribute("type", type), items);

    private static XElement Text(string name, string text) => new(name, new XAttribute("type", "string"), text);

    private static XElement Data(string name, RegistryData? data) => data is null
        ? new XElement(name, new XAttribute("type", "null"))
        : Item(name, "object", [new XElement("kind", new XAttribute("type", "number"), (int)data.Kind), Text("bytes", Hex(data.ToArray()))]);

    private static BackupAccount ReadAccount(XElement account)
    {
        var (version, profile, key, email) = (Value(account, "outlookVersion"), Value(account, "profile"), Value(account, "accountKey"), Value(account, "emailAddress"));
        if (!OutlookPlace.All.Any(place => place.Version == version)) throw new FormatException($"'{version}' is no version of Outlook");
        if (profile.Length is 0 or > LongestName || profile.Contains('\\') || profile.Contains('\0')) throw new FormatException($"'{profile}' is no name of a profile");
        if (!OutlookReader.IsAccountKey(key)) throw new FormatException($"'{key}' is no key of an account");
        var type = Value(account, "accountType") switch
        {
            nameof(OutlookAccountType.Pop3) => OutlookAccountType.Pop3,
            nameof(OutlookAccountType.Imap) => OutlookAccountType.Imap,
            var other => throw new FormatException($"'{other}' is no kind of account that can be changed"),
        };
        return new BackupAccount(version, profile, key, type, email, [.. Below(account, "values").Select(value => ReadValue(value, type))]);
    }

    private static PlannedValue ReadValue(XElement value, OutlookAccountType type)
    {
        var name = Value(value, "name");
        if (!ValueNames.IsWritableText(type, name) && !ValueNames.IsWritableNumber(type, name)) throw new FormatException($"'{name}' is no value that may be written");
        return new PlannedValue(name, ReadData(value, "before"), ReadData(value, "after"));
    }

    private static RegistryData? ReadData(XElement value, string name)
    {
        var data = value.Element(name) ?? throw new FormatException($"'{name}' is missing");
        if ((string?)data.Attribute("type") == "null") return null;
        var kind = int.TryParse(Value(data, "kind"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("the kind of a value is none");
        return new RegistryData((RegistryDataKind)kind, Bytes(Value(data, "bytes")));
    }

    private static string Value(XElement element, string name) => element.Element(name) is { HasElements: false } found ? found.Value : throw new FormatException($"'{name}' is missing");

    private static IEnumerable<XElement> Below(XElement element, string name) => element.Element(name) is { } found && (string?)found.Attribute("type") == "array" ? found.Elements() : throw new FormatException($"'{name}' is missing, or is no list");

#if NET
    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
#else
    private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
#endif

    private static byte[] Bytes(string hex)
    {
        if (hex.Length % 2 != 0 || hex.Length > 2 * LongestValue) throw new FormatException("the bytes of a value are none");
        var bytes = new byte[hex.Length / 2];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!byte.TryParse(hex.Substring(2 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i])) throw new FormatException("the bytes of a value are none");
        }
        return bytes;
    }

    private static MailOpsException Invalid(string path, string reason, Exception? cause = null) =>
        new(ErrorCode.OutlookBackupInvalid, $"The file '{path}' is not a backup that can be restored: {reason}.", "Name a file that Set-OutlookSmtpProfile wrote, unchanged.", cause);
}
