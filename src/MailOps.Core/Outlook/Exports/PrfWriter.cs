using System.Globalization;
using System.Text;

namespace MailOps.Outlook.Exports;

/// <summary>Writes a PRF file: a profile of classic Outlook with one account for POP3 or IMAP.</summary>
/// <remarks>
/// Plain INI in code page 1252 with CRLF, no mark. Each key gets the line that maps it, without which Outlook passes over it; both keys for the encryption of sending are always written, as files differ
/// in which they map. There is no key for a password. A POP3 account is told whether to leave messages on the server, since nobody knows what it does untold. The profile is added to (Append) rather than replaced, which would drop what it has.
/// </remarks>
internal static class PrfWriter
{
    /// <summary>Seconds that Outlook waits for a server; the meaning of the key is inferred from its name.</summary>
    private const string ServerTimeOut = "60";

    /// <summary>The file.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/>: a text is not in the code page, or a server needs what the format cannot say.</exception>
    public static byte[] Write(MailClientDefinition definition, MailClientUser user, MailClientExportOptions options)
    {
        var account = ClientAccount.Of(definition, user, options.AccountType, implicitToSend: false);
        var protocol = account.Incoming.Protocol;
        var profile = options.ProfileName ?? definition.Name;
        if (TextRules.Fault("the profile's name", profile) is { } fault) throw Unfit($"A PRF file cannot be made: {fault}.", "Give another -ProfileName.");
        if (profile.Contains('\\')) throw Unfit($"'{profile}' cannot be the name of a profile, which is a key of the registry: it has a backslash.", "Give another -ProfileName.");
        Fit("ProfileName", profile);
        if (options is { LeavesOnServer: false, DaysOnServer: not null }) throw Unfit("Messages that are not left on the server cannot be left for some days.", "Leave out -LeaveOnServer or -DaysOnServer.");
        var file = new StringBuilder();
        Add(file, ";Section 1", "[General]", "Custom=1", $"ProfileName={profile}", $"DefaultProfile={(options.KeepsDefaultProfile ? "No" : "Yes")}", "OverwriteProfile=Append", "ModifyDefaultProfileIfPresent=FALSE", "BackupProfile=No", "");
        Add(file, ";Section 2", "[Service List]", "");
        Add(file, ";Section 3", "[Internet Account List]", $"Account1={PrfSchema.Section(protocol)}", "");
        Add(file, ";Section 4 (none)", "");
        Add(file, ";Section 5", "[Account1]");
        foreach (var (key, value) in Values(account, user, options)) Add(file, $"{key}={Fit(key, value)}");
        Add(file, "", ";Section 6 (none)", "", ";Section 7", $"[{PrfSchema.Section(protocol)}]", $"AccountType={PrfSchema.Prefix(protocol)}");
        foreach (var key in PrfSchema.Keys(protocol)) Add(file, string.Format(CultureInfo.InvariantCulture, "{0}={1},0x{2:X4}", key.Name, key.Kind, key.Tag));
        return AnsiText.Bytes(file.ToString())!;
    }

    private static IEnumerable<(string Key, string Value)> Values(ClientAccount account, MailClientUser user, MailClientExportOptions options)
    {
        var prefix = PrfSchema.Prefix(account.Incoming.Protocol);
        var (incoming, outgoing) = (account.Incoming, account.Outgoing);
        yield return ("UniqueService", "No");
        yield return ("AccountName", user.Address.ToString());
        yield return ("DisplayName", user.DisplayName);
        yield return ("EmailAddress", user.Address.ToString());
        yield return (prefix + "Server", incoming.Server);
        yield return (prefix + "UserName", account.IncomingUser);
        yield return (prefix + "Port", Number(incoming.Port));
        yield return (prefix + "UseSSL", OutlookValues.UseSslToRead(incoming));
        yield return (prefix + "UseSPA", Flag(Proofs.AreNtlm(incoming)));
        yield return ("SMTPServer", outgoing.Server);
        yield return ("SMTPPort", Number(outgoing.Port));
        yield return ("SMTPUseSSL", Flag(outgoing.Tls != TlsMode.None));
        yield return ("SMTPSecureConnection", Number(OutlookValues.SecureConnection(outgoing.Tls)));
        yield return ("SMTPUseAuth", Flag(account.LogsInToSend));
        yield return ("SMTPAuthMethod", Flag(account.HasOwnLogin));
        if (account.HasOwnLogin) yield return ("SMTPUserName", account.OutgoingUser);
        if (Proofs.AreNtlm(outgoing)) yield return ("SMTPUseSPA", "1");
        yield return ("ConnectionType", "0");
        yield return ("ServerTimeOut", ServerTimeOut);
        if (incoming.Protocol == MailProtocol.Pop3)
            yield return ("LeaveOnServer", string.Format(CultureInfo.InvariantCulture, "0x{0:X}", OutlookValues.LeaveOnServer(options.LeavesOnServer ?? true, options.DaysOnServer)));
    }

    // Whoever reads INI files takes away spaces around a value, and quotes of either kind.
    private static string Fit(string key, string value)
    {
        if (AnsiText.Bytes(value) is null)
            throw Unfit($"'{value}' ({key}) has characters that are not in code page 1252, in which Outlook reads a PRF file.", "Give a -DisplayName, -Organization or -ProfileName in Latin letters, or set the account up by Autodiscover, which has no such limit.");
        if (value.Trim() != value) throw Unfit($"'{value}' ({key}) begins or ends with a space, which Outlook would take away.", "Leave the space out.");
        return PrfSchema.IsQuoted(value) ? throw Unfit($"'{value}' ({key}) stands in quotes, which Outlook would take away.", "Leave the quotes out.") : value;
    }

    private static MailOpsException Unfit(string message, string hint) => new(ErrorCode.MailClientFormatUnfit, message, hint);

    private static void Add(StringBuilder file, params string[] lines)
    {
        foreach (var line in lines) file.Append(line).Append("\r\n");
    }

    private static string Flag(bool on) => on ? "1" : "0";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
