namespace MailOps;

/// <summary>What became of one recipient in one attempt.</summary>
public enum DeliveryStatus
{
    /// <summary>The next hop took responsibility (2yz).</summary>
    Delivered,
    /// <summary>Not now (4yz, no connection, or a fault nobody knows): it will be tried again.</summary>
    Deferred,
    /// <summary>Never (5yz, or the last attempt is over).</summary>
    Failed,
}
