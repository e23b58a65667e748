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
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.OutlookSettingsInvalid"/>: the provider has no server with the port and the encryption that were given; <see cref="ErrorCode.SmtpServerMissing"/>; <see cref="ErrorCode.OutlookProviderUnsuited"/>.
    /// </exception>
    internal OutlookSettings For(OutlookAccount account, OutlookSettings own)
    {
        var server = Chosen([.. Servers(MailProtocol.Smtp)], own.SmtpServer, own.Port, own.Encryption);
        if (server.Server.Contains('{') && own.SmtpServer is null)
            throw new MailOpsException(ErrorCode.SmtpServerMissing, $"{_provider.DisplayName} has no server that is the same for all ({server.Server}).", "Name yours with SmtpServer.");
        var incoming = _withIncoming ? Incoming(account, own) : new OutlookSettings();
        var settings = incoming with
        {
            SmtpServer = server.Server,
            Port = server.Port,
            Encryption = OutlookEncryptions.Of(server.Tls),
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
        var user = UserNameForm.Fill(server.UserName, account.Email);
        var incomingServer = incoming.IncomingServer ?? account.Text(account.Incoming("Server"));
        var incomingUser = incoming.IncomingUserName is { } form ? UserNameForm.Fill(form, account.Email) : account.Text(account.Incoming("User"));
        // The password is the same where the provider is, and the name is.
        var isSame = string.Equals(user, incomingUser, StringComparison.OrdinalIgnoreCase)
            && Array.Exists(_provider.Servers, one => one.Protocol != MailProtocol.Smtp && string.Equals(one.Server, incomingServer, StringComparison.OrdinalIgnoreCase));
        return isSame ? settings with { Authentication = OutlookAuthentication.SameAsIncoming } : settings with { Authentication = OutlookAuthentication.OwnUser, UserName = server.UserName };
    }

    private OutlookSettings Incoming(OutlookAccount account, OutlookSettings own)
    {
        var protocol = account.Type == OutlookAccountType.Pop3 ? MailProtocol.Pop3 : MailProtocol.Imap;
        MailServer[] servers = [.. Servers(protocol).Where(one => one.Tls == TlsMode.Implicit)];   // of the others nobody knows how Outlook stores them
        if (servers.Length == 0)
            throw OutlookErrors.Invalid($"{_provider.DisplayName} has no {protocol} server that is known.", "Leave -IncludeIncoming out, or name the server with IncomingServer.");
        var server = Chosen(servers, own.IncomingServer, own.IncomingPort, own.IncomingEncryption);
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

    // Half of a pair from the administrator and half from another server of the provider's would be a server that nobody has.
    private MailServer Chosen(MailServer[] servers, string? ownServer, int? port, OutlookEncryption? encryption)
    {
        if (Array.Find(servers, one => (port is null || one.Port == port) && (encryption is null || IsSuch(one.Tls, encryption.Value))) is { } server) return server;
        if (ownServer is not null && port is not null && encryption is not null) return servers[0];   // all of it is the administrator's
        var asked = string.Join(" and ", new[] { port is null ? null : FormattableString.Invariant($"port {port}"), encryption is null ? null : $"encryption {encryption}" }.OfType<string>());
        var there = string.Join(", ", servers.Select(one => FormattableString.Invariant($"{one.Server}:{one.Port} {OutlookEncryptions.Of(one.Tls)}")).Distinct());
        throw OutlookErrors.Invalid(
            $"{_provider.DisplayName} has no {servers[0].Protocol} server with {asked}; it has {there}.",
            "Give a port and an encryption that go together there, or leave both out; for a server of your own, name it with port and encryption.");
    }

    // Automatic begins as STARTTLS does.
    private static bool IsSuch(TlsMode tls, OutlookEncryption encryption) => OutlookEncryptions.Of(tls) == encryption || (encryption == OutlookEncryption.Auto && tls == TlsMode.StartTls);

    private IEnumerable<MailServer> Servers(MailProtocol protocol) => _provider.Servers.Where(server => server.Protocol == protocol);

    private MailOpsException Unsuited(string what) =>
        new(ErrorCode.OutlookProviderUnsuited, $"{_provider.DisplayName} takes nothing but OAuth for {what}.", Alternative);

    private static bool IsOAuthOnly(MailServer server) => server.Authentication.Length > 0 && Array.TrueForAll(server.Authentication, one => one == MailAuthentication.OAuth2);
}
