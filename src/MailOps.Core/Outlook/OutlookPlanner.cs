using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>Says which values of an account change for settings. What Outlook takes for a value that is not there is the same as the value.</summary>
internal sealed class OutlookPlanner
{
    private readonly OutlookAccount _account;
    private readonly List<PlannedValue> _values = [];

    private OutlookPlanner(OutlookAccount account) => _account = account;

    /// <summary>The values that change, in the order in which they are written; none where all is as it should be.</summary>
    /// <param name="account">A POP3 or IMAP account.</param>
    /// <param name="settings">Checked settings.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookSettingsInvalid"/>: they do not fit this account.</exception>
    public static IReadOnlyList<PlannedValue> Plan(OutlookAccount account, OutlookSettings settings)
    {
        var planner = new OutlookPlanner(account);
        planner.AddOutgoing(settings);
        planner.AddAuthentication(settings);
        planner.AddIncoming(settings);
        planner.AddText(ValueNames.DisplayName, settings.DisplayName);
        planner.AddText(ValueNames.ReplyTo, settings.ReplyTo);
        planner.AddText(ValueNames.Organization, settings.Organization);
        return planner._values;
    }

    /// <summary>A user name with the parts of the account's address in it.</summary>
    public static string Expand(string form, string address)
    {
        var at = address.LastIndexOf('@');
        return form.Replace("%EMAILADDRESS%", address).Replace("%EMAILLOCALPART%", at < 0 ? address : address.Substring(0, at)).Replace("%EMAILDOMAIN%", address.Substring(at + 1));
    }

    private void AddOutgoing(OutlookSettings settings)
    {
        AddServer(ValueNames.SmtpServer, settings.SmtpServer);
        if (settings.Encryption is not { } encryption)
        {
            AddNumber(ValueNames.SmtpPort, settings.Port);
            return;
        }
        // Restated, the encryption leaves a port of the administrator's choice alone.
        var port = settings.Port ?? (OutlookProfiles.SmtpEncryption(_account) == encryption ? null : UsualPort(encryption));
        AddNumber(ValueNames.SmtpPort, port);
        AddNumber(ValueNames.SmtpSecureConnection, encryption switch { OutlookEncryption.ImplicitTls => 1, OutlookEncryption.StartTls => 2, OutlookEncryption.Auto => 3, _ => 0 });
        AddNumber(ValueNames.SmtpUseSsl, encryption == OutlookEncryption.None ? 0 : 1);
    }

    private static int UsualPort(OutlookEncryption encryption) => encryption switch { OutlookEncryption.ImplicitTls => 465, OutlookEncryption.None => 25, _ => 587 };

    private void AddAuthentication(OutlookSettings settings)
    {
        // SPA has a name by analogy alone: one that is there is Outlook's own.
        if (_account.Value(ValueNames.SmtpUseSpa) is not null) AddFlag(ValueNames.SmtpUseSpa, settings.Spa);
        if (settings.Authentication is not { } authentication) return;
        AddNumber(ValueNames.SmtpUseAuth, authentication == OutlookAuthentication.None ? 0 : 1);
        switch (authentication)
        {
            case OutlookAuthentication.OwnUser:
                AddNumber(ValueNames.SmtpAuthMethod, 1);
                AddText(ValueNames.SmtpUser, OwnUser(settings.UserName));
                return;
            case OutlookAuthentication.PopBeforeSmtp:
                AddNumber(ValueNames.SmtpAuthMethod, 2);
                break;
            default:
                if (_account.Number(ValueNames.SmtpAuthMethod) != 0) Add(ValueNames.SmtpAuthMethod, null);
                break;
        }
        if (_account.Value(ValueNames.SmtpUser) is { } user && user.AsText() is not "") Add(ValueNames.SmtpUser, null);
    }

    private string OwnUser(string? form)
    {
        if (form is not null) return Expand(form, _account.Email);
        var stored = _account.Text(ValueNames.SmtpUser);
        return stored.Length > 0
            ? stored
            : throw OutlookErrors.Invalid("OwnUser needs a user name for the outgoing server, and the account has none.", "Give it (UserName); %EMAILADDRESS% stands for the account's address.");
    }

    private void AddIncoming(OutlookSettings settings)
    {
        AddServer(_account.Incoming("Server"), settings.IncomingServer);
        var port = settings.IncomingPort;
        if (port is null && settings.IncomingEncryption is { } encryption && OutlookProfiles.IncomingEncryption(_account) != encryption)
            port = (_account.Type, encryption) switch { (OutlookAccountType.Pop3, OutlookEncryption.ImplicitTls) => 995, (OutlookAccountType.Pop3, _) => 110, (_, OutlookEncryption.ImplicitTls) => 993, _ => 143 };
        AddNumber(_account.Incoming("Port"), port);
        if (settings.IncomingEncryption is { } wanted) AddNumber(_account.Incoming("Use SSL"), wanted == OutlookEncryption.None ? 0 : 1);
        if (settings.IncomingUserName is { } user) AddText(_account.Incoming("User"), Expand(user, _account.Email));
        AddFlag(_account.Incoming("Use SPA"), settings.IncomingSpa);
    }

    // Names of servers are the same in capitals.
    private void AddServer(string name, string? server)
    {
        if (server is not null && !string.Equals(DomainName.ToAscii(_account.Text(name)), server, StringComparison.OrdinalIgnoreCase)) AddText(name, server);
    }

    private void AddText(string name, string? text)
    {
        if (text is null) return;
        var stored = _account.Value(name);
        if (stored is null ? text.Length == 0 : stored.AsText() == text) return;
        if (text.Length == 0) Add(name, null);
        else Add(name, RegistryData.OfText(text, stored?.AsText() is not null ? stored.Kind : _account.Place.TextKind));
    }

    private void AddFlag(string name, bool? flag)
    {
        if (flag is { } on) AddNumber(name, on ? 1 : 0);
    }

    private void AddNumber(string name, int? number)
    {
        if (number is { } wanted && _account.Number(name) != wanted) Add(name, RegistryData.OfNumber(wanted));
    }

    private void Add(string name, RegistryData? after) => _values.Add(new PlannedValue(name, _account.Value(name), after));
}
