using System.Globalization;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>What clients cannot do with a form of profile, or what is doubtful about the settings, each with the alternative.</summary>
internal static class ClientWarnings
{
    private const string NewOutlook =
        "New Outlook for Windows, and Outlook on phones and for Mac, are not known to set up POP3 and IMAP accounts by this: give their users the page that -Format Instructions writes.";

    public static IReadOnlyList<string> Of(MailClientDefinition definition, MailClientFormat format, MailClientUser? user, MailClientExportOptions options)
    {
        var warnings = definition.Warnings.ToList();
        warnings.AddRange(definition.Servers.SelectMany(Doubts));
        if (user is not null && definition.Domains.Count > 0 && Messages.DomainName.TryToAscii(user.Address.Domain, out var domain) && !definition.Domains.Contains(domain))
            warnings.Add($"{user.Address} is in none of the domains {string.Join(", ", definition.Domains)}: check the address, or name its domain with -Domain.");
        warnings.AddRange(format switch
        {
            MailClientFormat.AutodiscoverXml => [.. ClassicOutlook(definition), .. Answer(definition, user), NewOutlook],
            MailClientFormat.Prf or MailClientFormat.Reg => OneAccount(definition, format, options),
            MailClientFormat.MobileConfig => AppleMail(definition),
            MailClientFormat.DnsSrv => Records(definition),
            MailClientFormat.Autoconfig when definition.Servers.Any(server => server.Tls == TlsMode.Auto) =>
                ["Autoconfig cannot leave the kind of TLS open: it is written as is usual for the port. Say Implicit or StartTls where that is wrong."],
            MailClientFormat.Instructions => definition.Servers.Where(server => !Proofs.TakePassword(server) && Proofs.NeedLogin(server)).Select(NoPassword),
            _ => [],
        });
        return [.. warnings.Distinct()];
    }

    private static IEnumerable<string> Doubts(MailServer server)
    {
        if (server.Tls == TlsMode.None)
            yield return $"The connection to {server.Server} is not encrypted: whoever is on the way reads name, password and mail. Use a server with TLS.";
        if (UsualTls.Instead(server.Port, server.Tls) is { } usual)
            yield return Text("{0} is unusual on port {1} of {2}, and most clients fail with it: use {3} there, or another port.", server.Tls, server.Port, server.Server, usual);
        if (server.Authentication.Length == 0)
            yield return $"Nothing says how one logs in to {server.Server}: a password is assumed. Say it with -Authentication where that is wrong.";
    }

    // Outlook's own wizard signs in with OAuth to some providers; nothing that is handed to it can say so.
    private static IEnumerable<string> ClassicOutlook(MailClientDefinition definition)
    {
        foreach (var server in definition.Servers.Where(server => Proofs.NeedLogin(server) && !Proofs.TakePassword(server)))
        {
            yield return $"{server.Server} takes {string.Join(", ", server.Authentication)} and no password, which cannot be set for a POP3 or IMAP account of classic Outlook: add the mailbox as an Exchange or Outlook.com account, or use a client that signs in itself.";
        }
        foreach (var server in definition.Servers.Where(server => Proofs.TakePassword(server) && server.Authentication.Contains(MailAuthentication.OAuth2) && !server.Authentication.Contains(MailAuthentication.ClientAddress)))
        {
            yield return $"{server.Server}: classic Outlook logs in with {(server.Authentication.Contains(MailAuthentication.AppPassword) ? "an app password" : "a password")}, since POP3 and IMAP accounts that are set up from outside have no OAuth in it.";
        }
    }

    private static IEnumerable<string> Answer(MailClientDefinition definition, MailClientUser? user)
    {
        if (user is null && AutodiscoverWriter.IsTemplate(definition))
            yield return "This file is a template and no answer: whoever answers must put the address that was asked for (escaped for XML), or its parts, in the place of the place-holders in LoginName. "
                + "Without a LoginName classic Outlook takes what stands before the @. Where nobody can fill it in, make a file for each user with -EmailAddress.";
        if (user is null && AutodiscoverWriter.LeavesNameOut(definition))
            yield return "No user name is said: classic Outlook takes what stands before the @, as it should here, but Thunderbird takes the whole address. Publish autoconfig as well, which Thunderbird asks for first.";
        foreach (var server in definition.Servers.Where(Proofs.AreNtlm))
            yield return $"{server.Server} takes NTLM (SPA) alone, and this answer has SPA off, as it must be for most servers: switch it on in Outlook, or make the account by a PRF file, which says it.";
    }

    private static IEnumerable<string> OneAccount(MailClientDefinition definition, MailClientFormat format, MailClientExportOptions options)
    {
        var protocol = options.AccountType ?? (definition.Of(MailProtocol.Imap).Any() ? MailProtocol.Imap : MailProtocol.Pop3);
        foreach (var warning in ClassicOutlook(definition)) yield return warning;
        if (format == MailClientFormat.Prf && protocol == MailProtocol.Imap)
            yield return "Whether current builds of Microsoft 365 take an IMAP account from a PRF file is disputed; those for POP3 are taken. Look with Get-OutlookSmtpProfile after Outlook has started, also a second time; otherwise let Autodiscover set the account up.";
        if (format == MailClientFormat.Prf && protocol == MailProtocol.Imap && (options.LeavesOnServer is not null || options.DaysOnServer is not null))
            yield return "Messages of an IMAP account stay on the server; -LeaveOnServer and -DaysOnServer are for POP3 (-AccountType Pop3).";
        if (format == MailClientFormat.Reg && definition.Of(protocol).Any() && definition.Of(protocol).All(server => ClientAccount.TlsOf(server) == TlsMode.StartTls))
            yield return "How Outlook stores STARTTLS for reading is not known, so that the server for reading is left out: set it in Outlook, or use implicit TLS.";
        yield return "New Outlook for Windows keeps nothing in profiles: for its users there is the page that -Format Instructions writes.";
    }

    private static IEnumerable<string> AppleMail(MailClientDefinition definition)
    {
        foreach (var protocol in definition.Servers.Select(server => server.Protocol).Distinct())
        {
            var servers = definition.Of(protocol).ToArray();
            if (servers.All(server => ClientAccount.TlsOf(server) == TlsMode.StartTls))
                yield return $"A configuration profile cannot demand STARTTLS ({servers[0].Server}): it says UseSSL, and Apple does not say what that means on such a port. Offer implicit TLS, on port {ImplicitPort(protocol)}, where you can.";
            if (servers.All(server => Proofs.NeedLogin(server) && !Proofs.TakePassword(server)))
                yield return NoPassword(servers[0]);
        }
        yield return "A configuration profile is for Apple's Mail, not for Outlook on the same device.";
    }

    private static IEnumerable<string> Records(MailClientDefinition definition)
    {
        foreach (var server in definition.Servers)
        {
            if (server.Tls == TlsMode.None)
                yield return $"{server.Server} has no record, for those of RFC 6186 promise TLS.";
            if (server.UserName is not (UserNameForm.WholeAddress or UserNameForm.LocalPart or ""))
                yield return $"SRV records cannot say that the user name for {server.Server} is {server.UserName}: clients try the whole address, then its local part. Publish autoconfig or Autodiscover as well.";
        }
    }

    private static string NoPassword(MailServer server) =>
        $"{server.Server} takes {string.Join(", ", server.Authentication)} and no password, which this cannot set: let the user add the account in a client that signs in itself.";

    private static string ImplicitPort(MailProtocol protocol) => protocol switch { MailProtocol.Smtp => "465", MailProtocol.Imap => "993", _ => "995" };

    private static string Text(string format, params object[] values) => string.Format(CultureInfo.InvariantCulture, format, values);
}
