using MailOps.Messages;
using MailOps.Outlook.Exports;
using MailOps.Providers;
using MailOps.Submission;

namespace MailOps.Outlook;

/// <summary>What is to be set in an account; what is null stays as it is.</summary>
public sealed record OutlookSettings
{
    private const int LongestText = 320;
    private const int LongestStay = 9999;

    // Between letters of Persian and the parts of an emoji they belong to the text, and turn or hide nothing.
    private const string Joiners = "\u200c\u200d";

    /// <summary>The outgoing server.</summary>
    public string? SmtpServer { get; init; }
    /// <summary>Its port. Where an encryption is given and no port: that which goes with the encryption, if the encryption changes.</summary>
    public int? Port { get; init; }
    /// <summary>Its encryption.</summary>
    public OutlookEncryption? Encryption { get; init; }
    /// <summary>How to log in there.</summary>
    public OutlookAuthentication? Authentication { get; init; }
    /// <summary>The user name there; without an authentication it means <see cref="OutlookAuthentication.OwnUser"/>. <c>%EMAILADDRESS%</c>, <c>%EMAILLOCALPART%</c> and <c>%EMAILDOMAIN%</c> stand for the address and its parts.</summary>
    public string? UserName { get; init; }
    /// <summary>Whether SPA is demanded there; set only where the account has that value already.</summary>
    public bool? Spa { get; init; }
    /// <summary>The incoming server.</summary>
    public string? IncomingServer { get; init; }
    /// <summary>Its port, as <see cref="Port"/>.</summary>
    public int? IncomingPort { get; init; }
    /// <summary>Its encryption: None or ImplicitTls.</summary>
    public OutlookEncryption? IncomingEncryption { get; init; }
    /// <summary>The user name there, as <see cref="UserName"/>.</summary>
    public string? IncomingUserName { get; init; }
    /// <summary>Whether SPA is demanded there.</summary>
    public bool? IncomingSpa { get; init; }
    /// <summary>Whether messages of a POP3 account stay on the server when they have been fetched. Not for IMAP, where they always do.</summary>
    public bool? LeaveOnServer { get; init; }
    /// <summary>After how many days they are removed there; it means that they stay so long.</summary>
    public int? DaysOnServer { get; init; }
    /// <summary>The sender's name.</summary>
    public string? DisplayName { get; init; }
    /// <summary>Where replies go; empty for the address itself.</summary>
    public string? ReplyTo { get; init; }
    /// <summary>The organization in the header; empty for none.</summary>
    public string? Organization { get; init; }

    /// <summary>Whether nothing is to be set.</summary>
    public bool IsEmpty => this == new OutlookSettings();

    /// <summary>The settings with server names as the DNS has them.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookSettingsInvalid"/> or <see cref="ErrorCode.InvalidDomain"/>: what cannot be, or does not fit together.</exception>
    public OutlookSettings Check()
    {
        CheckPort(Port, nameof(Port));
        CheckPort(IncomingPort, nameof(IncomingPort));
        CheckUser(UserName, nameof(UserName));
        CheckUser(IncomingUserName, nameof(IncomingUserName));
        if (DisplayName is { Length: > 0 }) CheckText(DisplayName, nameof(DisplayName), Joiners);
        if (Organization is { Length: > 0 }) CheckText(Organization, nameof(Organization), Joiners);
        if (ReplyTo is { Length: > 0 }) EmailAddress.Parse(ReplyTo);
        if (UserName is not null && Authentication is { } other and not OutlookAuthentication.OwnUser)
            throw OutlookErrors.Invalid($"A user name is given, and the authentication {other}, which has none.", "Leave UserName out, or use OwnUser.");
        if (DaysOnServer is < 1 or > LongestStay) throw OutlookErrors.Invalid($"DaysOnServer {DaysOnServer} is none.", $"Use a number from 1 to {LongestStay}.");
        if (DaysOnServer is not null && LeaveOnServer == false)
            throw OutlookErrors.Invalid("Messages are not to stay on the server, and are to stay for some days.", "Leave DaysOnServer or LeaveOnServer out.");
        if (IncomingEncryption is OutlookEncryption.StartTls or OutlookEncryption.Auto)
            throw OutlookErrors.Invalid(
                $"{IncomingEncryption} cannot be set for the incoming server: Microsoft has not published how Outlook stores it.", "Use ImplicitTls, which nearly every server has on port 993 (IMAP) or 995 (POP3), or set it in Outlook.");
        return this with { SmtpServer = Server(SmtpServer), IncomingServer = Server(IncomingServer), Authentication = UserName is null ? Authentication : OutlookAuthentication.OwnUser };
    }

    /// <summary>These settings, with what they leave out from others.</summary>
    public OutlookSettings Over(OutlookSettings others) => new()
    {
        SmtpServer = SmtpServer ?? others.SmtpServer,
        Port = Port ?? others.Port,
        Encryption = Encryption ?? others.Encryption,
        Authentication = Authentication ?? (UserName is null ? others.Authentication : null),
        UserName = UserName ?? (Authentication is null or OutlookAuthentication.OwnUser ? others.UserName : null),
        Spa = Spa ?? others.Spa,
        IncomingServer = IncomingServer ?? others.IncomingServer,
        IncomingPort = IncomingPort ?? others.IncomingPort,
        IncomingEncryption = IncomingEncryption ?? others.IncomingEncryption,
        IncomingUserName = IncomingUserName ?? others.IncomingUserName,
        IncomingSpa = IncomingSpa ?? others.IncomingSpa,
        LeaveOnServer = LeaveOnServer ?? (DaysOnServer is null ? others.LeaveOnServer : null),
        DaysOnServer = DaysOnServer ?? (LeaveOnServer is null or true ? others.DaysOnServer : null),
        DisplayName = DisplayName ?? others.DisplayName,
        ReplyTo = ReplyTo ?? others.ReplyTo,
        Organization = Organization ?? others.Organization,
    };

    private static string? Server(string? name)
    {
        if (name is null) return null;
        var server = ServerName.Read(name);
        return server.IndexOfAny(['_', '%']) < 0
            ? server
            : throw OutlookErrors.Invalid($"'{Printable.Escape(name)}' is not the name of a server.", "Host names have letters, digits, hyphens and dots.");
    }

    private static void CheckPort(int? port, string name)
    {
        if (port is < 1 or > 65535) throw OutlookErrors.Invalid($"{name} {port} is no port.", "Use a number from 1 to 65535.");
    }

    private static void CheckUser(string? form, string name)
    {
        if (form is null) return;
        CheckText(form, name, allowed: "");
        if (UserNameForm.Unknown(form) is { } place)
            throw OutlookErrors.Invalid($"{name} has the unknown place-holder {place}.", $"There are {UserNameForm.WholeAddress}, {UserNameForm.LocalPart} and {UserNameForm.Domain}, in capitals.");
    }

    private static void CheckText(string text, string name, string allowed)
    {
        if (text.Trim().Length == 0) throw OutlookErrors.Invalid($"{name} is empty.", "Leave it out where nothing is to be set.");
        if (text.Length > LongestText) throw OutlookErrors.Invalid($"{name} has {text.Length} characters.", $"Use at most {LongestText}.");
        var shown = string.Concat(text.Where(letter => allowed.IndexOf(letter) < 0));
        if (Printable.Escape(shown) != shown || !TextRules.IsPlain(text))
            throw OutlookErrors.Invalid($"{name} '{Printable.Escape(text)}' has control characters.", "Remove them.");
    }
}
