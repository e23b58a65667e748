namespace MailOps.Mailboxes;

/// <summary>Which messages of a mailbox are wanted; what is null asks for nothing.</summary>
public sealed record MailboxQuery
{
    /// <summary>The folder. Default: INBOX.</summary>
    public string Folder { get; init; } = MailboxSession.Inbox;
    /// <summary>Only those that nobody has read.</summary>
    public bool Unread { get; init; }
    /// <summary>Only those that came at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Only those whose subject has this text, in large or small letters.</summary>
    public string? Subject { get; init; }
    /// <summary>Only those whose author has this text in name or address, in large or small letters.</summary>
    public string? From { get; init; }
}

/// <summary>A message that was read from a mailbox, or why it could not be.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Message">The message; null where it could not be read.</param>
/// <param name="Error">Why not.</param>
public sealed record MailboxReading(string Id, MailboxMessage? Message, MailOpsException? Error = null);
