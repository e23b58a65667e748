namespace MailOps;

/// <summary>A message in a mailbox, as <c>Get-MailboxMessage</c> writes it. What comes from its header is what its sender has written.</summary>
public sealed class MailboxMessage
{
    /// <summary>The message's name in its folder, which it keeps: for IMAP UIDVALIDITY and UID with a hyphen between, for POP3 what UIDL says; where it says the same of several messages, with size and digest of the header behind it.</summary>
    public required string Id { get; init; }
    /// <summary>The folder; INBOX with POP3.</summary>
    public required string Folder { get; init; }
    /// <summary>The author, as the header has it, but for controls of direction.</summary>
    public string? From { get; init; }
    /// <summary>The recipients that the header names (To), as it has them.</summary>
    public string? To { get; init; }
    /// <summary>The subject, decoded, without controls of direction, which would turn the line around.</summary>
    public string? Subject { get; init; }
    /// <summary>When the message was written, by its author's clock.</summary>
    public DateTimeOffset? Date { get; init; }
    /// <summary>When it came: for IMAP the server says it, for POP3 it is the time of the last server in the header.</summary>
    public DateTimeOffset? ReceivedTime { get; init; }
    /// <summary>The number of bytes, as the server says it.</summary>
    public long Size { get; init; }
    /// <summary>Whether it was read; null with POP3, which does not know.</summary>
    public bool? IsRead { get; init; }
    /// <summary>The Message-ID, without its brackets.</summary>
    public string? MessageId { get; init; }
    /// <summary>The header, as bytes.</summary>
    public byte[] Header { get; init; } = [];
    /// <summary>The whole message, byte for byte; null where only the header was asked for.</summary>
    public byte[]? Content { get; init; }
    /// <summary>The message, or its header where there is no more, as text, read as UTF-8; what is not UTF-8 is replaced.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Content ?? Header);
    /// <summary>The server.</summary>
    public required string Server { get; init; }
    /// <summary>The port.</summary>
    public int Port { get; init; }
    /// <summary>What is spoken to the server: Imap or Pop3.</summary>
    public MailProtocol Protocol { get; init; }
    /// <summary>How the connection gets its TLS.</summary>
    public TlsMode Tls { get; init; }
}
