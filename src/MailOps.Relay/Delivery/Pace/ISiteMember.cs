namespace MailOps.Relay.Delivery.Pace;

/// <summary>A queue that shares a site's limits with others.</summary>
internal interface ISiteMember
{
    /// <summary>It may go on; false where it has nothing to send. The site holds no lock when it calls.</summary>
    bool Call();

    /// <summary>Connections that it keeps open and does not use.</summary>
    int Idle { get; }

    /// <summary>Closes one of those.</summary>
    Task CloseIdleAsync();
}

/// <summary>A target whose connections have limits that may change.</summary>
internal interface IPacedTarget
{
    /// <summary>What holds now; null for what the relay's options say.</summary>
    PaceBounds? Bounds { set; }

    /// <summary>Connections that are kept for the next message.</summary>
    int Idle { get; }

    /// <summary>Of the servers that a route prefers to the one that took the last connection, the first that was not reached then, and what came of it, for people; null where that was the first.</summary>
    string? Missed { get; }

    /// <summary>Takes leave of one of those.</summary>
    Task CloseIdleAsync();
}
