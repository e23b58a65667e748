using MailOps.Providers;

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
        planner.AddLeaveOnServer(settings);
        planner.AddText(ValueNames.DisplayName, settings.DisplayName);
        planner.AddText(ValueNames.ReplyTo, settings.ReplyTo);
        planner.AddText(ValueNames.Organization, settings.Organization);
        return planner._values;
    }

    /// <summary>Whether a name of a server is stored as it is wanted: names are the same in capitals, and one that is not as the DNS has it is not.</summary>
    /// <param name="account">The account.</param>
    /// <param name="name">The value.</param>
    /// <param name="server">The server, as the DNS has it.</param>
    public static bool HasServer(OutlookAccount account, string name, string server) => string.Equals(account.Text(name), server, StringComparison.OrdinalIgnoreCase);

    private void AddOutgoing(OutlookSettings settings)
    {
        AddServer(ValueNames.SmtpServer, settings.SmtpServer);
        if (settings.Encryption is not { } encryption)
        {
            AddNumber(ValueNames.SmtpPort, settings.Port);
            return;
        }
        // Restated, the encryption leaves a port of the administrator's choice alone.
        var port = settings.Port ?? (OutlookProfiles.SmtpEncryption(_account) == encryption ? null : OutlookEncryptions.UsualPort(MailProtocol.Smtp, encryption));
        AddNumber(ValueNames.SmtpPort, port);
        AddNumber(ValueNames.SmtpSecureConnection, OutlookEncryptions.Number(encryption));
        AddNumber(ValueNames.SmtpUseSsl, encryption == OutlookEncryption.None ? 0 : 1);
    }

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
        if (form is not null) return Filled(form);
        var stored = _account.Text(ValueNames.SmtpUser);
        return stored.Length > 0
            ? stored
            : throw OutlookErrors.Invalid("OwnUser needs a user name for the outgoing server, and the account has none.", "Give it (UserName); %EMAILADDRESS% stands for the account's address.");
    }

    private string Filled(string form)
    {
        var user = UserNameForm.Fill(form, _account.Email);
        return user.Trim().Length > 0
            ? user
            : throw OutlookErrors.Invalid($"The account has no address for the user name {form}.", "Give the name itself.");
    }

    private void AddIncoming(OutlookSettings settings)
    {
        AddServer(_account.Incoming("Server"), settings.IncomingServer);
        var port = settings.IncomingPort;
        if (port is null && settings.IncomingEncryption is { } encryption && OutlookProfiles.IncomingEncryption(_account) != encryption)
            port = OutlookEncryptions.UsualPort(_account.Type == OutlookAccountType.Pop3 ? MailProtocol.Pop3 : MailProtocol.Imap, encryption);
        AddNumber(_account.Incoming("Port"), port);
        if (settings.IncomingEncryption is { } wanted) AddNumber(_account.Incoming("Use SSL"), wanted == OutlookEncryption.None ? 0 : 1);
        if (settings.IncomingUserName is { } user) AddText(_account.Incoming("User"), Filled(user));
        AddFlag(_account.Incoming("Use SPA"), settings.IncomingSpa);
    }

    private void AddServer(string name, string? server)
    {
        if (server is not null && !HasServer(_account, name, server)) AddText(name, server);
    }

    // Bit 0 leaves messages on the server, bit 1 removes them after the days in the upper half; the other bits stay as they are.
    private void AddLeaveOnServer(OutlookSettings settings)
    {
        if (_account.Type != OutlookAccountType.Pop3 || settings is { LeaveOnServer: null, DaysOnServer: null }) return;
        var stored = _account.Value(ValueNames.LeaveOnServer)?.AsNumber();
        var wanted = (stored ?? 0, settings.LeaveOnServer ?? true, settings.DaysOnServer) switch
        {
            (var bits, _, { } days) => (bits & 0xFFFC) | 3 | (days << 16),
            (var bits, true, _) => bits | 1,
            (var bits, false, _) => bits & ~1,
        };
        if (stored != wanted) Add(ValueNames.LeaveOnServer, RegistryData.OfNumber(wanted));
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
