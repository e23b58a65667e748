using MailOps.Messages;

namespace MailOps.Outlook.Exports;

/// <summary>One user of an organisation.</summary>
public sealed class MailClientUser
{
    private MailClientUser(EmailAddress address, string displayName, string? userName)
    {
        (Address, DisplayName, UserName) = (address, displayName, userName);
    }

    /// <summary>The address.</summary>
    public EmailAddress Address { get; }

    /// <summary>The name that recipients see.</summary>
    public string DisplayName { get; }

    /// <summary>The user name for the servers, where it is not made of the address as the servers say.</summary>
    public string? UserName { get; }

    /// <summary>A user.</summary>
    /// <param name="address">The address.</param>
    /// <param name="displayName">The name that recipients see. Default: the address.</param>
    /// <param name="userName">The user name for the servers. Default: made of the address as the servers say.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidAddress"/>, or <see cref="ErrorCode.MailClientSettingsInvalid"/> where a name cannot be one; where both are wrong the first, and its message says all.
    /// </exception>
    public static MailClientUser Create(string? address, string? displayName, string? userName)
    {
        var faults = new List<string>();
        if (displayName is not (null or "") && TextRules.Fault("the display name", displayName) is { } name) faults.Add(name);
        if (userName is not (null or "") && TextRules.Fault("the user name", userName) is { } login) faults.Add(login);
        if (EmailAddress.TryParse(address?.Trim(), out var mailbox) && TextRules.IsPlain(mailbox.ToString()))
            return faults.Count == 0 ? new MailClientUser(mailbox, displayName is null or "" ? mailbox.ToString() : displayName.Trim(), userName is null or "" ? null : userName.Trim()) : throw MailClientDraft.Invalid(faults);
        faults.Insert(0, address is null or "" ? "there is no e-mail address" : $"'{Printable.Escape(address)}' is not an e-mail address");
        throw new MailOpsException(ErrorCode.InvalidAddress, $"No profile can be made: {string.Join("; ", faults)}.", "Write the address as local-part@domain, for example user@example.com; in a CSV file its column is EmailAddress.");
    }
}
