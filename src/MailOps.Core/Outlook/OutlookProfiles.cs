using MailOps.Filtering;
using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>The accounts of a hive in the words of their user.</summary>
public static class OutlookProfiles
{
    private const int OwnUser = 1;
    private const int IncomingFirst = 2;

    /// <summary>All accounts, in Outlook's order, and after them those that Outlook is to make of a PRF file, or should have made.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="hive">The user's hive.</param>
    /// <param name="unreadable">Takes an error for each account, or profile, that cannot be read.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/>; <see cref="ErrorCode.FileUnreadable"/>: what PRF files were staged cannot be read.</exception>
    public static IReadOnlyList<OutlookSmtpProfile> Read(IOutlookHost host, OutlookHive hive, ICollection<MailOpsException> unreadable)
    {
        var accounts = OutlookReader.Accounts(hive.Root, unreadable);
        var imports = new PrfImports(host, hive).Read(accounts);
        var usesNew = accounts.Count + imports.Count > 0 && OutlookReader.UsesNewOutlook(hive.Root);
        return
        [
            .. accounts.Select(account => Show(account, hive, usesNew, imports.FirstOrDefault(import => import.Made == account))),
            .. imports.Where(import => import.Made is null).Select(import => Show(import, hive, usesNew)),
        ];
    }

    /// <summary>Whether an account is one that is meant.</summary>
    /// <param name="profile">The account.</param>
    /// <param name="emailAddress">Patterns of addresses; empty for any.</param>
    /// <param name="profileName">Patterns of profiles; empty for any.</param>
    /// <param name="types">Kinds; empty for all but data files and address books.</param>
    public static bool IsMeant(OutlookSmtpProfile profile, string[] emailAddress, string[] profileName, OutlookAccountType[] types) =>
        Matches(emailAddress, profile.EmailAddress) && Matches(profileName, profile.ProfileName)
        && (types.Length == 0 ? profile.AccountType is not (OutlookAccountType.Store or OutlookAccountType.AddressBook) : types.Contains(profile.AccountType));

    private static bool Matches(string[] patterns, string text) => patterns.Length == 0 || Array.Exists(patterns, pattern => Wildcard.Matches(pattern, text));

    internal static OutlookSmtpProfile Show(OutlookAccount account, OutlookHive hive, bool usesNew, PrfImport? import = null)
    {
        var notes = new List<string>();
        if (account.IsApplicable) AddDoubts(account, notes);
        else notes.Add(WhyNot(account.Type));
        if (usesNew) notes.Add(NewOutlookNote);
        return new OutlookSmtpProfile
        {
            OutlookVersion = account.Place.Version,
            ProfileName = OutlookAccount.Shorten(account.Profile),
            IsDefaultProfile = account.IsDefaultProfile,
            AccountKey = account.Key,
            AccountType = account.Type,
            IsApplicable = account.IsApplicable,
            EmailAddress = account.Shown(ValueNames.Email),
            AccountName = account.Shown(ValueNames.AccountName),
            DisplayName = account.Shown(ValueNames.DisplayName),
            ReplyTo = account.Shown(ValueNames.ReplyTo),
            Organization = account.Shown(ValueNames.Organization),
            SmtpServer = account.Shown(ValueNames.SmtpServer),
            Port = account.IsApplicable ? Port(account, ValueNames.SmtpPort) : null,
            Encryption = account.IsApplicable ? SmtpEncryption(account) : null,
            Authentication = account.IsApplicable ? Authentication(account) : null,
            UserName = account.Shown(ValueNames.SmtpUser),
            Spa = account.Value(ValueNames.SmtpUseSpa) is { } spa ? spa.AsNumber() is { } on && on != 0 : null,
            IncomingServer = account.IsApplicable ? account.Shown(account.Incoming("Server")) : "",
            IncomingPort = account.IsApplicable ? Port(account, account.Incoming("Port")) : null,
            IncomingEncryption = account.IsApplicable ? IncomingEncryption(account) : null,
            IncomingUserName = account.IsApplicable ? account.Shown(account.Incoming("User")) : "",
            IncomingSpa = account.IsApplicable && account.Number(account.Incoming("Use SPA")) is { } incomingSpa && incomingSpa != 0,
            LeaveOnServer = account.Value(ValueNames.LeaveOnServer)?.AsNumber() is { } leaves ? (leaves & 1) != 0 : null,
            DaysOnServer = account.Value(ValueNames.LeaveOnServer)?.AsNumber() is { } stay && (stay & 3) == 3 ? (stay >> 16) & 0xFFFF : null,
            State = import?.State ?? OutlookProfileState.None,
            PrfPath = import is null ? null : OutlookAccount.Shorten(import.Path),
            UseNewOutlook = usesNew,
            UserSid = hive.Sid,
            RegistryPath = Printable.Escape($@"{hive.Root.Path}\{account.Path}"),
            Notes = [.. notes],
        };
    }

    // An account that is not there, as its file has it.
    private static OutlookSmtpProfile Show(PrfImport import, OutlookHive hive, bool usesNew)
    {
        var path = OutlookAccount.Shorten(import.Path);
        var notes = new List<string>
        {
            (import.State, import.Fault) switch
            {
                (OutlookProfileState.Staged, null) => "Outlook has not started since; it makes the account of the file when it does.",
                (OutlookProfileState.Consumed, _) => "Outlook took the file, and the account is not there. Sometimes it comes with the second start; New-OutlookSmtpProfile -Force stages the file again, and without the file it is forgotten.",
                (_, null) => "ImportPRF names the file, but Outlook has run before and does not look at it: New-OutlookSmtpProfile stages it anew.",
                (_, var fault) => $"ImportPRF names '{path}', of which nothing is known: {Printable.Escape(fault)}",
            },
        };
        if (usesNew) notes.Add(NewOutlookNote);
        return new OutlookSmtpProfile
        {
            OutlookVersion = import.Version,
            ProfileName = OutlookAccount.Shorten(import.ProfileName),
            AccountKey = "",
            AccountType = import.Account?.Type ?? OutlookAccountType.Other,
            EmailAddress = OutlookAccount.Shorten(import.Account?.EmailAddress ?? ""),
            SmtpServer = OutlookAccount.Shorten(import.Account?.SmtpServer ?? ""),
            IncomingServer = OutlookAccount.Shorten(import.Account?.IncomingServer ?? ""),
            State = import.State,
            PrfPath = path,
            UseNewOutlook = usesNew,
            UserSid = hive.Sid,
            RegistryPath = Printable.Escape($@"{hive.Root.Path}\{OutlookSetup.PathOf(import.Version)}"),
            Notes = [.. notes],
        };
    }

    internal const string NewOutlookNote = "The user has switched to the new Outlook, which does not use these settings: its accounts are added in itself, or found by Autodiscover.";

    /// <summary>The encryption of the outgoing server; null where what is stored has no known meaning.</summary>
    internal static OutlookEncryption? SmtpEncryption(OutlookAccount account)
    {
        // Outlook leaves out what is none; where only the flag is there, it was set by a version that knew nothing but SSL. That is a reading of ours, which nobody has published.
        if (account.Value(ValueNames.SmtpSecureConnection) is null && account.Number(ValueNames.SmtpUseSsl) is { } flag && flag != 0) return OutlookEncryption.ImplicitTls;
        return OutlookEncryptions.OfNumber(account.Number(ValueNames.SmtpSecureConnection));
    }

    /// <summary>The encryption of the incoming server; null where what is stored has no known meaning.</summary>
    internal static OutlookEncryption? IncomingEncryption(OutlookAccount account) => account.Number(account.Incoming("Use SSL")) is { } number && number is >= 0 and <= 1 ? OutlookEncryptions.OfNumber(number) : null;

    /// <summary>How Outlook logs in to the outgoing server; null where what is stored has no known meaning.</summary>
    internal static OutlookAuthentication? Authentication(OutlookAccount account) => (account.Number(ValueNames.SmtpUseAuth), account.Number(ValueNames.SmtpAuthMethod)) switch
    {
        (null, _) => null,
        (0, _) => OutlookAuthentication.None,
        (_, 0) => OutlookAuthentication.SameAsIncoming,
        (_, OwnUser) => OutlookAuthentication.OwnUser,
        (_, IncomingFirst) => OutlookAuthentication.PopBeforeSmtp,
        _ => null,
    };

    /// <summary>Why an account of this kind cannot be changed.</summary>
    internal static string WhyNot(OutlookAccountType type) => type switch
    {
        OutlookAccountType.Exchange => "Not applicable: an account of Exchange or Microsoft 365 has no SMTP server to set.",
        OutlookAccountType.Http => "Not applicable: an account of Hotmail or Exchange ActiveSync has no SMTP server to set.",
        OutlookAccountType.Store or OutlookAccountType.AddressBook => "Not applicable: this is no mail account.",
        _ => "Not applicable: only POP3 and IMAP accounts have an SMTP server to set.",
    };

    private static int? Port(OutlookAccount account, string name) => account.Number(name) is { } port && port is > 0 and <= 65535 ? port : null;

    private static void AddDoubts(OutlookAccount account, List<string> notes)
    {
        if (SmtpEncryption(account) is not { } encryption)
            notes.Add("What is stored for the encryption of the outgoing server has no known meaning; Set-OutlookSmtpProfile -Encryption replaces it.");
        else if (account.Number(ValueNames.SmtpUseSsl) is not { } flag || flag != 0 != (encryption != OutlookEncryption.None) || account.Number(ValueNames.SmtpSecureConnection) == 0 != (encryption == OutlookEncryption.None))
            notes.Add("The two values for the encryption of the outgoing server contradict each other; Set-OutlookSmtpProfile -Encryption writes both.");
        if (Authentication(account) is null)
            notes.Add("What is stored for logging in to the outgoing server has no known meaning; Set-OutlookSmtpProfile -Authentication replaces it.");
        if (Port(account, ValueNames.SmtpPort) is null) notes.Add("What is stored for the port of the outgoing server is no port; Set-OutlookSmtpProfile -Port replaces it.");
        if (Port(account, account.Incoming("Port")) is null) notes.Add("What is stored for the port of the incoming server is no port.");
        if (IncomingEncryption(account) is null) notes.Add("The encryption of the incoming server is stored as a number whose meaning is not published.");
        foreach (var name in ValueNames.Read(account.Type).Where(name => ValueNames.IsWritableText(account.Type, name) && account.Value(name) is { } data && data.AsText() is null))
            notes.Add($"What is stored as '{name}' is not of a kind that holds text.");
    }
}
