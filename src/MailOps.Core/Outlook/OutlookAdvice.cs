using System.Globalization;
using System.Text.RegularExpressions;
using MailOps.Providers;

namespace MailOps.Outlook;

/// <summary>What an administrator should know about settings before users call.</summary>
internal static class OutlookAdvice
{
    private static readonly Regex TlsOption = new(@"-Tls (?<mode>[A-Za-z]+)", RegexOptions.CultureInvariant);
    private static readonly Regex Bare = new(@"\A[A-Za-z0-9%][A-Za-z0-9%.@_+-]*\z", RegexOptions.CultureInvariant);

    /// <summary>On an account with settings.</summary>
    public static IEnumerable<string> On(OutlookAccount account, OutlookSettings settings, bool usesNewOutlook)
    {
        var encryption = settings.Encryption ?? (settings.Port is null ? null : OutlookProfiles.SmtpEncryption(account));
        var port = settings.Port ?? (settings.Encryption is null || OutlookProfiles.SmtpEncryption(account) != settings.Encryption ? null : account.Number(ValueNames.SmtpPort));
        if (Pair(encryption, port) is { } unusual) yield return unusual;
        if (settings.Spa is not null && account.Value(ValueNames.SmtpUseSpa) is null && settings.Spa == true)
            yield return "SPA for the outgoing server is not set, since the account has no such value and its name is not published: set it in Outlook.";
        if (account.Type == OutlookAccountType.Imap && settings.IncomingServer is { } incoming && !OutlookPlanner.HasServer(account, account.Incoming("Server"), incoming))
            yield return "With another IMAP server Outlook may fetch the whole mailbox anew.";
        if (usesNewOutlook) yield return OutlookProfiles.NewOutlookNote;
    }

    /// <summary>What is unusual about a port and an encryption; null where nothing is.</summary>
    public static string? Pair(OutlookEncryption? encryption, int? port)
    {
        if (encryption is null || port is not { } number) return null;
        if (encryption == OutlookEncryption.None)
            return number is 465 or 587 ? "Without encryption the password goes over the network as it is, and most servers refuse it." : null;
        return UsualTls.Instead(number, OutlookEncryptions.Mode(encryption)) is { } usual
            ? string.Format(CultureInfo.InvariantCulture, "{0} is unusual on port {1}, and most servers fail with it: they have {2} there.", encryption, number, OutlookEncryptions.Of(usual))
            : null;
    }

    /// <summary>An argument as PowerShell takes it for what it is, whatever stands in it: an address of somebody else's registry is pasted with the command.</summary>
    public static string Argument(string text) => Bare.IsMatch(text) ? text : $"'{string.Concat(text.Select(letter => IsQuote(letter) ? $"{letter}{letter}" : $"{letter}"))}'";

    /// <summary>An advice of Test-SmtpServer with the name that Set-OutlookSmtpProfile has for the same.</summary>
    public static string InOutlook(string advice) => TlsOption.Replace(
        advice, option => Enum.TryParse<TlsMode>(option.Groups["mode"].Value, out var mode) ? $"-Encryption {OutlookEncryptions.Of(mode)}" : option.Value);

    // PowerShell takes the four curly ones for the straight one.
    private static bool IsQuote(char letter) => letter is '\'' or '\u2018' or '\u2019' or '\u201a' or '\u201b';
}
