using MailOps.Diagnosis;
using MailOps.Providers;

namespace MailOps.Outlook;

/// <summary>Holds accounts against settings, and their outgoing servers against what they are set up with.</summary>
/// <param name="hive">The user's hive.</param>
/// <param name="isOthers">Whether whoever asks is not this user, so that advice must name the user.</param>
public sealed class OutlookTester(OutlookHive hive, bool isOthers)
{
    private readonly List<MailOpsException> _unreadable = [];
    private readonly bool _usesNew = OutlookReader.UsesNewOutlook(hive.Root);

    /// <summary>The errors of accounts, or profiles, that could not be read; known when the tests are enumerated.</summary>
    public IReadOnlyList<MailOpsException> Unreadable => _unreadable;

    /// <summary>Tests the accounts that are meant: one after the other, each as its turn comes, so that those before it are not lost where the rest is given up.</summary>
    /// <param name="isMeant">Which.</param>
    /// <param name="settings">What they should have; what is null may be anything.</param>
    /// <param name="provider">A provider whose values count where the settings have none; null for none.</param>
    /// <param name="connects">How long the server may take; null where it is not connected to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/>.</exception>
    public IEnumerable<Task<OutlookSmtpTest>> Tests(
        Func<OutlookSmtpProfile, bool> isMeant, OutlookSettings settings, OutlookProvider? provider, TimeSpan? connects, CancellationToken cancellationToken)
    {
        var accounts = OutlookReader.Accounts(hive.Root, _unreadable);
        foreach (var account in accounts)
        {
            var profile = OutlookProfiles.Show(account, hive, _usesNew);
            if (isMeant(profile)) yield return TestAsync(account, profile, Command(account, accounts), settings, provider, connects, cancellationToken);
        }
    }

    // What changes this account, and no other of the same address.
    private string Command(OutlookAccount account, IReadOnlyList<OutlookAccount> accounts)
    {
        var others = accounts.Where(other => other.IsApplicable && other != account && string.Equals(other.Email, account.Email, StringComparison.OrdinalIgnoreCase)).ToArray();
        var command = $"Set-OutlookSmtpProfile {OutlookAdvice.Argument(account.Shown(ValueNames.Email))}";
        if (Array.Exists(others, other => !string.Equals(other.Profile, account.Profile, StringComparison.OrdinalIgnoreCase))) command += $" -ProfileName {OutlookAdvice.Argument(OutlookAccount.Shorten(account.Profile))}";
        if (Array.Exists(others, other => other.Type != account.Type)) command += $" -AccountType {account.Type}";
        return isOthers ? $"{command} -UserSid {hive.Sid}" : command;
    }

    private static async Task<OutlookSmtpTest> TestAsync(
        OutlookAccount account, OutlookSmtpProfile profile, string command, OutlookSettings settings, OutlookProvider? provider, TimeSpan? connects, CancellationToken cancellationToken)
    {
        if (!account.IsApplicable)
            return Result(profile, [new("NotApplicable", OutlookSmtpVerdict.NotApplicable, OutlookProfiles.WhyNot(account.Type), "Nothing is to be done here.")], null);
        var findings = new List<OutlookSmtpFinding>();
        try
        {
            findings.AddRange(Differences(account, command, provider?.For(account, settings) ?? settings));
        }
        catch (MailOpsException e)
        {
            findings.Add(new(e.Code, OutlookSmtpVerdict.Fail, e.Message, e.Hint));
        }
        findings.AddRange(Doubts(profile, command));
        SmtpServerTest? server = null;
        if (connects is { } limit && profile.SmtpServer.Length > 0 && profile.Port is { } port)
        {
            server = await ConnectAsync(profile, port, limit, findings, cancellationToken).ConfigureAwait(false);
        }
        return Result(profile, findings, server);
    }

    private static async Task<SmtpServerTest?> ConnectAsync(OutlookSmtpProfile profile, int port, TimeSpan limit, List<OutlookSmtpFinding> findings, CancellationToken cancellationToken)
    {
        try
        {
            var options = new SmtpServerTestOptions { Server = profile.SmtpServer, Port = port, Tls = OutlookEncryptions.Mode(profile.Encryption), Timeout = limit };
            var test = await SmtpServerTester.RunAsync(options, cancellationToken).ConfigureAwait(false);
            findings.AddRange(test.Findings.Select(one => new OutlookSmtpFinding(one.Id, one.Severity == SmtpServerVerdict.Failure ? OutlookSmtpVerdict.Fail : OutlookSmtpVerdict.Warning, one.Problem, OutlookAdvice.InOutlook(one.Advice))));
            return test;
        }
        catch (MailOpsException e)
        {
            findings.Add(new(e.Code, OutlookSmtpVerdict.Fail, e.Message, e.Hint));   // a name that is none
            return null;
        }
    }

    private static IEnumerable<OutlookSmtpFinding> Differences(OutlookAccount account, string command, OutlookSettings settings)
    {
        foreach (var group in OutlookPlanner.Plan(account, settings).GroupBy(value => Setting(account, value.Name, settings)))
        {
            var values = string.Join(", ", group.Select(value => OutlookTask.Show(value)).Select(value => $"{value.Name} is {value.Before ?? "not set"} and should be {value.After ?? "not set"}"));
            yield return new($"{group.Key.Name}Differs", OutlookSmtpVerdict.Fail, $"{values}.", $"{command} -{group.Key.Name} {group.Key.Value}");
        }
    }

    private static (string Name, string Value) Setting(OutlookAccount account, string value, OutlookSettings settings)
    {
        if (value == account.Incoming("Server")) return (nameof(settings.IncomingServer), Text(settings.IncomingServer));
        if (value == account.Incoming("Port")) return settings.IncomingPort is { } incoming ? (nameof(settings.IncomingPort), Number(incoming)) : (nameof(settings.IncomingEncryption), $"{settings.IncomingEncryption}");
        if (value == account.Incoming("Use SSL")) return (nameof(settings.IncomingEncryption), $"{settings.IncomingEncryption}");
        if (value == account.Incoming("User")) return (nameof(settings.IncomingUserName), Text(settings.IncomingUserName));
        if (value == account.Incoming("Use SPA")) return (nameof(settings.IncomingSpa), $"${settings.IncomingSpa}");
        return value switch
        {
            ValueNames.LeaveOnServer when settings.DaysOnServer is { } days => (nameof(settings.DaysOnServer), Number(days)),
            ValueNames.LeaveOnServer => (nameof(settings.LeaveOnServer), $"${settings.LeaveOnServer}"),
            ValueNames.SmtpServer => (nameof(settings.SmtpServer), Text(settings.SmtpServer)),
            ValueNames.SmtpPort when settings.Port is { } port => (nameof(settings.Port), Number(port)),
            ValueNames.SmtpPort or ValueNames.SmtpSecureConnection or ValueNames.SmtpUseSsl => (nameof(settings.Encryption), $"{settings.Encryption}"),
            ValueNames.SmtpUser when settings.UserName is { } user => (nameof(settings.UserName), Text(user)),
            ValueNames.SmtpUseSpa => (nameof(settings.Spa), $"${settings.Spa}"),
            ValueNames.DisplayName => (nameof(settings.DisplayName), Text(settings.DisplayName)),
            ValueNames.ReplyTo => (nameof(settings.ReplyTo), Text(settings.ReplyTo)),
            ValueNames.Organization => (nameof(settings.Organization), Text(settings.Organization)),
            _ => (nameof(settings.Authentication), $"{settings.Authentication}"),
        };
    }

    private static string Text(string? text) => OutlookAdvice.Argument(text ?? "");

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<OutlookSmtpFinding> Doubts(OutlookSmtpProfile profile, string set)
    {
        if (profile.SmtpServer.Length == 0) yield return new("ServerMissing", OutlookSmtpVerdict.Fail, "The account has no outgoing server.", $"{set} -SmtpServer and its name; Find-MailSettings finds it.");
        if (profile.Authentication == OutlookAuthentication.OwnUser && profile.UserName.Length == 0)
            yield return new("UserNameMissing", OutlookSmtpVerdict.Fail, "The account logs in to the outgoing server with a user name of its own, and has none.", $"{set} -UserName %EMAILADDRESS%");
        if (OutlookAdvice.Pair(profile.Encryption, profile.Port) is { } unusual)
            yield return new("PortUnusual", OutlookSmtpVerdict.Warning, unusual, $"{set} -Encryption {OutlookEncryptions.Of(UsualTls.At(profile.Port!.Value)!.Value)}");
        else if (profile.Encryption == OutlookEncryption.None && profile.Authentication is not OutlookAuthentication.None)
            yield return new("PasswordUnprotected", OutlookSmtpVerdict.Warning, "The password of the outgoing server goes over the network as it is.", $"{set} -Encryption StartTls");
        foreach (var note in profile.Notes) yield return new(note == OutlookProfiles.NewOutlookNote ? "NewOutlook" : "ValueDoubtful", OutlookSmtpVerdict.Warning, note, "See Notes of Get-OutlookSmtpProfile.");
    }

    private static OutlookSmtpTest Result(OutlookSmtpProfile profile, IReadOnlyCollection<OutlookSmtpFinding> findings, SmtpServerTest? server)
    {
        var sorted = findings.OrderByDescending(finding => finding.Severity).ToArray();
        return new OutlookSmtpTest
        {
            EmailAddress = profile.EmailAddress.Length > 0 ? profile.EmailAddress : profile.AccountName,
            ProfileName = profile.ProfileName,
            OutlookVersion = profile.OutlookVersion,
            Verdict = sorted.Length == 0 ? OutlookSmtpVerdict.Pass : sorted[0].Severity,
            Details = sorted.Length == 0 ? server is null ? "As it should be." : $"As it should be: {server.Details}" : $"{sorted[0].Problem} {sorted[0].Advice}",
            Findings = sorted,
            Profile = profile,
            ServerTest = server,
        };
    }
}
