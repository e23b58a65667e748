namespace MailOps;

/// <summary>How Outlook encrypts a connection, as its account settings name it.</summary>
public enum OutlookEncryption
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>STARTTLS, mostly on port 587.</summary>
    StartTls,
    /// <summary>SSL/TLS from the first byte, mostly on port 465.</summary>
    ImplicitTls,
    /// <summary>What the server offers.</summary>
    Auto,
}
