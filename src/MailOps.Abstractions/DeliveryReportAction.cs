namespace MailOps;

/// <summary>What a delivery report says was done about a recipient (RFC 3464 section 2.3.3).</summary>
public enum DeliveryReportAction
{
    /// <summary>The report says nothing of the kind: an automatic answer, a complaint.</summary>
    None,
    /// <summary>Given up: the message will not reach the recipient.</summary>
    Failed,
    /// <summary>Not yet: the server goes on trying.</summary>
    Delayed,
    /// <summary>In the recipient's mailbox.</summary>
    Delivered,
    /// <summary>Handed to a system that does not tell of its success.</summary>
    Relayed,
    /// <summary>Delivered to a list or an alias, and passed on from there.</summary>
    Expanded,
}
