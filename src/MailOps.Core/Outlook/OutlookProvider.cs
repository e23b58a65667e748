using MailOps.Providers;

namespace MailOps.Outlook;

/// <summary>What a provider of Get-MailProvider means for an account of classic Outlook.</summary>
public sealed class OutlookProvider
{
    private const string Alternative = "Add the mailbox as an account of Exchange, Microsoft 365 or Outlook.com, or use the new Outlook: classic Outlook has no OAuth for POP3 and IMAP accounts that are set up from outside.";

    private readonly MailProvider _provider;
    private readonly bool _withIncoming;

    /// <summary>Takes a provider.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="withIncoming">Whether the incoming server is meant too.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailProviderNotFound"/>, or <see cref="ErrorCode.OutlookProviderUnsuited"/>: it takes nothing that classic Outlook has.</exception>
    public OutlookProvider(string name, bool withIncoming)
    {
        _provider = MailProviders.Named(name);
        _withIncoming = withIncoming;
        if (Servers(MailProtocol.Smtp).All(IsOAuthOnly)) throw Unsuited("sending");
    }

    /// <summary>What an administrator should know before users call.</summary>
    public IEnumerable<string> Warnings()
    {
        var server = Servers(MailProtocol.Smtp).First();
        if (server.Authentication.Contains(MailAuthentication.OAuth2) && !server.Authentication.Contains(MailAuthentication.ClientAddress))
            yield return $"{_provider.DisplayName}: classic Outlook logs in with {(server.Authentication.Contains(MailAuthentication.AppPassword) ? "an app password" : "a password")}, since POP3 and IMAP accounts have no OAuth in it.";
        foreach (var note in _provider.Notes) yield return $"{_provider.DisplayName}: {note}";
    }

    /// <summary>The settings for an account; what the administrator gave counts before them.</summary>
    internal OutlookSettings For(OutlookAccount account, OutlookSettings own)
    {
        var server = Servers(MailProtocol.Smtp).FirstOrDefault(one => (own.Port is null || one.Port == own.Port) && (own.Encryption is null || Encryption(one.Tls) == own.Encryption)) ?? Servers(MailProtocol.Smtp).First();
        if (server.Server.Contains('{') && own.SmtpServer is null)
            throw new MailOpsException(ErrorCode.SmtpServerMissing, $"{_provider.DisplayName} has no server that is the same for all ({server.Server}).", "Name yours with SmtpServer.");
        var incoming = _withIncoming ? Incoming(account) : new OutlookSettings();
        var settings = incoming with
        {
            SmtpServer = server.Server,
            Port = server.Port,
            Encryption = Encryption(server.Tls),
            Spa = server.Authentication.Contains(MailAuthentication.Ntlm) ? null : false,
        };
        if (own.Authentication is null && own.UserName is null) settings = WithLogin(settings, server, account, own.Over(incoming));
        return own.Over(settings).Check();
    }

    private OutlookSettings WithLogin(OutlookSettings settings, MailServer server, OutlookAccount account, OutlookSettings incoming)
    {
        if (server.Authentication.Contains(MailAuthentication.ClientAddress) || server.Authentication.Contains(MailAuthentication.None)) return settings with { Authentication = OutlookAuthentication.None };
        if (server.UserName.Length == 0)
            throw OutlookErrors.Invalid($"{_provider.DisplayName} gives each customer user names of their own.", "Give it (UserName).");
        var user = OutlookPlanner.Expand(server.UserName, account.Email);
        var incomingServer = incoming.IncomingServer ?? account.Text(account.Incoming("Server"));
        var incomingUser = incoming.IncomingUserName is { } form ? OutlookPlanner.Expand(form, account.Email) : account.Text(account.Incoming("User"));
        // The password is the same where the provider is, and the name is.
        var isSame = string.Equals(user, incomingUser, StringComparison.OrdinalIgnoreCase)
            && Array.Exists(_provider.Servers, one => one.Protocol != MailProtocol.Smtp && string.Equals(one.Server, incomingServer, StringComparison.OrdinalIgnoreCase));
        return isSame ? settings with { Authentication = OutlookAuthentication.SameAsIncoming } : settings with { Authentication = OutlookAuthentication.OwnUser, UserName = user };
    }

    private OutlookSettings Incoming(OutlookAccount account)
    {
        var protocol = account.Type == OutlookAccountType.Pop3 ? MailProtocol.Pop3 : MailProtocol.Imap;
        var server = Servers(protocol).FirstOrDefault(one => one.Tls == TlsMode.Implicit)
            ?? throw OutlookErrors.Invalid($"{_provider.DisplayName} has no {protocol} server that is known.", "Leave -IncludeIncoming out, or name the server with IncomingServer.");
        if (IsOAuthOnly(server)) throw Unsuited("reading");
        return new OutlookSettings
        {
            IncomingServer = server.Server,
            IncomingPort = server.Port,
            IncomingEncryption = OutlookEncryption.ImplicitTls,
            IncomingUserName = server.UserName.Length > 0 ? server.UserName : null,
            IncomingSpa = server.Authentication.Contains(MailAuthentication.Ntlm) ? null : false,
        };
    }

    private IEnumerable<MailServer> Servers(MailProtocol protocol) => _provider.Servers.Where(server => server.Protocol == protocol);

    private MailOpsException Unsuited(string what) =>
        new(ErrorCode.OutlookProviderUnsuited, $"{_provider.DisplayName} takes nothing but OAuth for {what}.", Alternative);

    private static bool IsOAuthOnly(MailServer server) => server.Authentication.Length > 0 && Array.TrueForAll(server.Authentication, one => one == MailAuthentication.OAuth2);

    private static OutlookEncryption Encryption(TlsMode tls) => tls switch
    {
        TlsMode.Implicit => OutlookEncryption.ImplicitTls,
        TlsMode.StartTls => OutlookEncryption.StartTls,
        TlsMode.None => OutlookEncryption.None,
        _ => OutlookEncryption.Auto,
    };
}
