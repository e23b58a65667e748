namespace MailOps;

/// <summary>What a client speaks to a mail server.</summary>
public enum MailProtocol
{
    /// <summary>Sending (SMTP submission).</summary>
    Smtp,
    /// <summary>Reading, with folders that stay on the server.</summary>
    Imap,
    /// <summary>Fetching from one mailbox.</summary>
    Pop3,
    /// <summary>Reading by JSON over HTTPS (JMAP).</summary>
    Jmap,
    /// <summary>Outlook's own protocol (MAPI over HTTP and its forerunners).</summary>
    Exchange,
    /// <summary>Exchange Web Services.</summary>
    Ews,
    /// <summary>Microsoft Graph.</summary>
    Graph,
    /// <summary>Outlook on the web, in a browser.</summary>
    Owa,
}
