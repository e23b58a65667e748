namespace MailOps;

/// <summary>A domain that is ours and where its mail goes.</summary>
public sealed record LocalDomainOptions
{
    /// <summary>The domain's name; an IDN may be given in either form.</summary>
    public required string Name { get; init; }
    /// <summary>The folder under which each mailbox is a Maildir, <c>folder/domain/localpart</c> in lower case. Exactly one of this and <see cref="Lmtp"/>.</summary>
    public string? MailboxPath { get; init; }
    /// <summary>An LMTP server (RFC 2033): <c>host:port</c> or <c>unix:/path</c>. Exactly one of this and <see cref="MailboxPath"/>.</summary>
    public string? Lmtp { get; init; }
    /// <summary>The local parts that exist; others are refused with 550 5.1.1. Default: null, hence any, and a Maildir is made at the first delivery.</summary>
    public IReadOnlyList<string>? Mailboxes { get; init; }
}
