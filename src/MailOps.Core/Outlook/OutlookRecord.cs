using System.Globalization;
using MailOps.Filtering;
using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>A record, such as a row of a CSV file, that asks for an account to be changed: its columns as text, whatever the culture.</summary>
public sealed class OutlookRecord
{
    private static readonly string[] Known =
    [
        "EmailAddress", "AccountType", "ProfileName", "OutlookVersion", "AccountKey", "UserSid", "Provider", "SmtpServer", "Port", "Encryption", "Authentication", "UserName", "Spa",
        "IncomingServer", "IncomingPort", "IncomingEncryption", "IncomingUserName", "IncomingSpa", "LeaveOnServer", "DaysOnServer", "DisplayName", "ReplyTo", "Organization",
    ];

    private static readonly string[] ParametersOnly = ["IncludeIncoming", "BackupPath", "RemoveStalePassword", "Strict", "Force", "Summary", "EventLog", "WhatIf", "Confirm"];

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PrimarySmtpAddress"] = "EmailAddress",
        ["Email"] = "EmailAddress",
        ["Mail"] = "EmailAddress",
        ["Server"] = "SmtpServer",
        ["SmtpPort"] = "Port",
        ["SmtpEncryption"] = "Encryption",
        ["SmtpAuthentication"] = "Authentication",
        ["SmtpUserName"] = "UserName",
    };

    private readonly Dictionary<string, string> _cells = new(StringComparer.OrdinalIgnoreCase);

    private OutlookRecord(long number) => Number = number;

    /// <summary>Its number, from 1.</summary>
    public long Number { get; }

    /// <summary>The address as it was written; empty where there is none.</summary>
    public string EmailAddress => Printable.Escape(Cell("EmailAddress") ?? "");

    /// <summary>The user whose account it is; null for anybody's.</summary>
    public string? UserSid => Cell("UserSid");

    /// <summary>The provider whose values are taken; null for none.</summary>
    public string? Provider => Cell("Provider");

    /// <summary>Takes the columns of a record; empty cells are as if they were not there.</summary>
    public static OutlookRecord Of(long number, IEnumerable<KeyValuePair<string, string?>> columns)
    {
        var record = new OutlookRecord(number);
        foreach (var column in columns)
        {
            var name = Aliases.TryGetValue(column.Key.Trim(), out var meant) ? meant : column.Key.Trim();
            if (column.Value?.Trim() is { Length: > 0 } text && !record._cells.ContainsKey(name)) record._cells[name] = text;
        }
        return record;
    }

    /// <summary>The columns that are nearly one of those that are known, each with that one, and those that are parameters alone: what was meant must not pass for a column that is not there.</summary>
    public static IEnumerable<string> Mistyped(IEnumerable<string> columns)
    {
        foreach (var column in columns)
        {
            var name = column.Trim();
            if (Known.Contains(name, StringComparer.OrdinalIgnoreCase) || Aliases.ContainsKey(name)) continue;
            if (Array.Find(ParametersOnly, one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase)) is { } parameter)
                yield return $"The column '{parameter}' is not used: it is a parameter, and the same for all rows.";
            else if (name.Length > 0 && name.IndexOfAny([';', '\t', '|']) is var at and >= 0)
                yield return $"The column '{Printable.Escape(column)}' looks like several: read the file with Import-Csv -Delimiter {(name[at] == '\t' ? "\"`t\"" : $"'{name[at]}'")}.";
            else if (NearestName.Hint(name, Known.Concat(Aliases.Keys)) is { Length: > 0 } hint)
                yield return $"The column '{Printable.Escape(column)}' is not known, and is not used{hint}.";
        }
    }

    /// <summary>Which account it means: the one that is named, without wildcards.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/>, <see cref="ErrorCode.OutlookSettingsInvalid"/>.</exception>
    public OutlookTarget Target() => new()
    {
        EmailAddress = MailOps.Messages.EmailAddress.TryParse(Cell("EmailAddress") ?? "", out var address)
            ? address.ToString()
            : throw new MailOpsException(ErrorCode.InvalidAddress, $"'{EmailAddress}' is not an e-mail address.", "Write it in the column EmailAddress, as local-part@domain."),
        IsExact = true,
        AccountType = Value("AccountType", AccountTypes),
        ExactProfileName = Cell("ProfileName"),
        OutlookVersion = Version(),
        AccountKey = Cell("AccountKey") is { } key ? AccountKey(key) : null,
    };

    /// <summary>What it asks for, checked.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookSettingsInvalid"/>, <see cref="ErrorCode.InvalidDomain"/>.</exception>
    public OutlookSettings Settings() => new OutlookSettings
    {
        SmtpServer = Cell("SmtpServer"),
        Port = NumberIn("Port", "a port, from 1 to 65535"),
        Encryption = Value("Encryption", Encryptions),
        Authentication = Value("Authentication", Authentications),
        UserName = Cell("UserName"),
        Spa = Value("Spa", Flags),
        IncomingServer = Cell("IncomingServer"),
        IncomingPort = NumberIn("IncomingPort", "a port, from 1 to 65535"),
        IncomingEncryption = Value("IncomingEncryption", Encryptions),
        IncomingUserName = Cell("IncomingUserName"),
        IncomingSpa = Value("IncomingSpa", Flags),
        LeaveOnServer = Value("LeaveOnServer", Flags),
        DaysOnServer = NumberIn("DaysOnServer", "days"),
        DisplayName = Cell("DisplayName"),
        ReplyTo = Cell("ReplyTo"),
        Organization = Cell("Organization"),
    }.Check();

    /// <summary>An error with the record's number and address before it.</summary>
    public MailOpsException Located(MailOpsException error) => new(error.Code, string.Format(CultureInfo.InvariantCulture, "Row {0} ({1}): {2}", Number, EmailAddress, error.Message), error.Hint, error);

    private static readonly Dictionary<string, OutlookAccountType> AccountTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Pop3"] = OutlookAccountType.Pop3,
        ["Pop"] = OutlookAccountType.Pop3,
        ["Imap"] = OutlookAccountType.Imap,
    };

    private static readonly Dictionary<string, OutlookEncryption> Encryptions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["None"] = OutlookEncryption.None,
        ["StartTls"] = OutlookEncryption.StartTls,
        ["ImplicitTls"] = OutlookEncryption.ImplicitTls,
        ["Implicit"] = OutlookEncryption.ImplicitTls,
        ["SSL"] = OutlookEncryption.ImplicitTls,
        ["SSL/TLS"] = OutlookEncryption.ImplicitTls,
        ["Auto"] = OutlookEncryption.Auto,
    };

    private static readonly Dictionary<string, OutlookAuthentication> Authentications = new(StringComparer.OrdinalIgnoreCase)
    {
        ["None"] = OutlookAuthentication.None,
        ["SameAsIncoming"] = OutlookAuthentication.SameAsIncoming,
        ["OwnUser"] = OutlookAuthentication.OwnUser,
        ["PopBeforeSmtp"] = OutlookAuthentication.PopBeforeSmtp,
    };

    private static readonly Dictionary<string, bool> Flags = new(StringComparer.OrdinalIgnoreCase)
    {
        ["True"] = true,
        ["Yes"] = true,
        ["1"] = true,
        ["False"] = false,
        ["No"] = false,
        ["0"] = false,
    };

    // Excel takes 16.0 for a number, and writes it as 16 or, in half of Europe, as 16,0.
    private static readonly Dictionary<string, string> Versions = OutlookPlace.All
        .SelectMany(place => new[] { place.Version, place.Version.Replace(".0", ""), place.Version.Replace('.', ',') }.Select(text => (text, place.Version)))
        .ToDictionary(pair => pair.text, pair => pair.Version, StringComparer.Ordinal);

    private string? Cell(string name) => _cells.TryGetValue(name, out var text) ? text : null;

    private T? Value<T>(string name, Dictionary<string, T> values)
        where T : struct => Cell(name) is not { } text ? null
            : values.TryGetValue(text, out var value) ? value
            : throw OutlookErrors.Invalid($"{name} '{Printable.Escape(text)}' is none.", $"Use one of {string.Join(", ", values.Keys)}.");

    private string? Version() => Cell("OutlookVersion") is { } text ? VersionOf(text) : null;

    /// <summary>The version that a text means, which Excel may have taken for a number.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookSettingsInvalid"/>: none.</exception>
    public static string VersionOf(string text) => Versions.TryGetValue(text, out var version) ? version
        : throw OutlookErrors.Invalid($"OutlookVersion '{Printable.Escape(text)}' is none.", "Use 16.0 (Outlook 2016, 2019, 2021, 2024 and Microsoft 365), 15.0 (2013), or 14.0 (2010 and before).");

    private int? NumberIn(string name, string what) => Cell(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw OutlookErrors.Invalid($"{name} '{Printable.Escape(text)}' is no number.", $"Write {what}, in digits.");

    // Excel takes a key of digits for a number, and leaves out the noughts before it.
    private static string AccountKey(string text) => OutlookReader.IsAccountKey(text.PadLeft(8, '0'))
        ? text.PadLeft(8, '0')
        : throw OutlookErrors.Invalid($"AccountKey '{Printable.Escape(text)}' is none.", "Use the eight hexadecimal digits that Get-OutlookSmtpProfile shows, as in 00000002, or leave it out.");
}
