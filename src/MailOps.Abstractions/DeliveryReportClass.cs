namespace MailOps;

/// <summary>What a delivery report means, whatever the words of the system that wrote it: what to do depends on it.</summary>
public enum DeliveryReportClass
{
    /// <summary>The report does not tell, or in words nobody knows.</summary>
    Unknown,
    /// <summary>Nothing went wrong: delivered, relayed or expanded.</summary>
    Delivered,
    /// <summary>There is no such mailbox: take the address off the list.</summary>
    NoSuchUser,
    /// <summary>The address is no longer the recipient's: ask for the new one.</summary>
    Moved,
    /// <summary>The domain or its mail server does not exist: check the spelling of the domain.</summary>
    DomainUnknown,
    /// <summary>The domain or host takes no mail at all: take the address off the list.</summary>
    NotAccepting,
    /// <summary>The mailbox is disabled, locked or inactive: write again later, or take the address off the list.</summary>
    Suspended,
    /// <summary>The mailbox is over its quota: try again in some days.</summary>
    MailboxFull,
    /// <summary>The message is larger than the recipient's system takes: send it smaller, or a link.</summary>
    MessageTooLarge,
    /// <summary>The sender's address or domain is refused: check that it exists and may be answered.</summary>
    SenderRefused,
    /// <summary>SPF, DKIM or DMARC failed: check the DNS records and the signature of the sending domain.</summary>
    AuthenticationFailed,
    /// <summary>The sending address has no PTR record, or one that does not fit: have it set.</summary>
    NoReverseDns,
    /// <summary>The sending address or domain is on a block list or has a bad reputation: find out why, and ask to be taken off.</summary>
    Blocked,
    /// <summary>The message was taken for spam: look at its content and its list.</summary>
    SpamRefused,
    /// <summary>The message was taken for malware.</summary>
    VirusFound,
    /// <summary>The content breaks a rule of form or has a forbidden attachment: mend the message.</summary>
    ContentRefused,
    /// <summary>A rule of the recipient's system forbids it, and it does not say which.</summary>
    PolicyRefused,
    /// <summary>The server does not relay for the sender: check route, credential and recipient domain.</summary>
    RelayingDenied,
    /// <summary>Too much at a time: too many connections, messages or recipients. Send slower.</summary>
    RateLimited,
    /// <summary>Something broke in the recipient's system: try again, or tell its postmaster.</summary>
    SystemFault,
    /// <summary>The servers did not understand each other: a command or its argument was refused.</summary>
    ProtocolError,
    /// <summary>No connection, no route, a loop, or a DNS that does not answer.</summary>
    Network,
    /// <summary>It was tried until the time was over.</summary>
    Expired,
    /// <summary>A complaint or another feedback report (RFC 5965): the recipient did not want the message.</summary>
    Feedback,
    /// <summary>An automatic answer, such as a notice of absence (RFC 3834): the message arrived.</summary>
    AutoReply,
}
