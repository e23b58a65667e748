using System.Globalization;
using System.Text;

namespace MailOps.Outlook.Exports;

/// <summary>What would change in the registry for an account of classic Outlook that exists, in the form of a .reg file: for people to look at, not to import.</summary>
/// <remarks>Its first line says so, with which regedit does not take it. It names only values that may be set: no password, nothing of the account's identity, and no key that is not there.</remarks>
internal static class RegWriter
{
    private const string Root = "HKEY_CURRENT_USER";

    /// <summary>The file.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/>: profile and account are not named, or cannot be.</exception>
    public static byte[] Write(MailClientDefinition definition, MailClientUser user, MailClientExportOptions options)
    {
        var place = OutlookPlace.All.FirstOrDefault(one => one.Version == options.OutlookVersion)
            ?? throw Unfit($"There is no place for profiles of Outlook {options.OutlookVersion}.", $"Give one of {string.Join(", ", OutlookPlace.All.Select(one => one.Version))}.");
        if (string.IsNullOrEmpty(options.ProfileName) || string.IsNullOrEmpty(options.AccountKey))
            throw Unfit("A .reg file changes values of an account that exists, and nothing says which.", "Name the profile and the account's key with -ProfileName and -AccountKey, as Get-OutlookSmtpProfile shows them; a new account is made by a PRF file.");
        if (!OutlookReader.IsAccountKey(options.AccountKey!)) throw Unfit($"'{Messages.Printable.Escape(options.AccountKey!)}' is not the key of an account.", "It has eight hexadecimal digits, as in 00000002.");
        if (TextRules.Fault("the profile's name", options.ProfileName!) is { } fault) throw Unfit($"A .reg file cannot be made: {fault}.", "Give the name as Get-OutlookSmtpProfile shows it.");
        if (options.ProfileName!.Contains('\\')) throw Unfit("The name of a profile has no backslash in it.", "Give the name as Get-OutlookSmtpProfile shows it.");

        var account = ClientAccount.Of(definition, user, options.AccountType, implicitToSend: false);
        var file = new StringBuilder();
        Add(file, "; For review only: Set-OutlookSmtpProfile makes this change, with a backup; regedit does not take this file.");
        Add(file, "Windows Registry Editor Version 5.00");
        Add(file, "");
        Add(file, $"; {user.Address}, {account.Incoming.Protocol} account, Outlook {place.Version}; Outlook must be closed, and asks for the password afterwards.");
        Add(file, $@"[{Root}\{place.AccountPath(options.ProfileName!, options.AccountKey!)}]");
        foreach (var (name, value) in Values(account)) Add(file, $"\"{name}\"={Data(value, place.TextKind)}");
        Add(file, "");
        return [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(file.ToString())];
    }

    /// <summary>The values, as numbers and texts; null for one that is taken away.</summary>
    private static IEnumerable<(string Name, object? Value)> Values(ClientAccount account)
    {
        var type = account.Incoming.Protocol == MailProtocol.Pop3 ? OutlookAccountType.Pop3 : OutlookAccountType.Imap;
        var (incoming, outgoing) = (account.Incoming, account.Outgoing);
        if (ClientAccount.TlsOf(incoming) != TlsMode.StartTls)   // which nobody knows how to store
        {
            yield return (ValueNames.Incoming(type, "Server"), incoming.Server);
            yield return (ValueNames.Incoming(type, "User"), account.IncomingUser);
            yield return (ValueNames.Incoming(type, "Port"), incoming.Port);
            yield return (ValueNames.Incoming(type, "Use SSL"), incoming.Tls == TlsMode.None ? 0 : 1);
        }
        yield return (ValueNames.SmtpServer, outgoing.Server);
        yield return (ValueNames.SmtpPort, outgoing.Port);
        yield return (ValueNames.SmtpSecureConnection, OutlookValues.SecureConnection(outgoing.Tls));
        yield return (ValueNames.SmtpUseSsl, outgoing.Tls == TlsMode.None ? 0 : 1);
        yield return (ValueNames.SmtpUseAuth, account.LogsInToSend ? 1 : 0);
        yield return (ValueNames.SmtpAuthMethod, account.HasOwnLogin ? 1 : null);
        yield return (ValueNames.SmtpUser, account.HasOwnLogin ? account.OutgoingUser : null);
    }

    private static string Data(object? value, RegistryDataKind textKind) => value switch
    {
        null => "-",
        int number => string.Format(CultureInfo.InvariantCulture, "dword:{0:x8}", number),
        string text when textKind == RegistryDataKind.Text => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"",
        string text => "hex:" + string.Join(",", RegistryData.OfText(text, textKind).ToArray().Select(part => part.ToString("x2", CultureInfo.InvariantCulture))),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "Neither a number nor a text."),
    };

    private static void Add(StringBuilder file, string line) => file.Append(line).Append("\r\n");

    private static MailOpsException Unfit(string message, string hint) => new(ErrorCode.MailClientFormatUnfit, message, hint);
}
