namespace MailOps;

/// <summary>What an account in a profile of classic Outlook is.</summary>
public enum OutlookAccountType
{
    /// <summary>POP3 with SMTP: can be changed.</summary>
    Pop3,
    /// <summary>IMAP with SMTP: can be changed.</summary>
    Imap,
    /// <summary>Exchange or Microsoft 365, which has no SMTP server to set.</summary>
    Exchange,
    /// <summary>Hotmail by HTTP, or Exchange ActiveSync.</summary>
    Http,
    /// <summary>A data file, or another store.</summary>
    Store,
    /// <summary>An address book.</summary>
    AddressBook,
    /// <summary>Anything else.</summary>
    Other,
}
