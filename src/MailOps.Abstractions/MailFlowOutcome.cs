namespace MailOps;

/// <summary>What became of the message of <c>Test-MailFlow</c>.</summary>
public enum MailFlowOutcome
{
    /// <summary>It is in the mailbox.</summary>
    Arrived,
    /// <summary>A server took it, and it was not in the mailbox when the time was over.</summary>
    NotArrived,
    /// <summary>The first server did not take it.</summary>
    NotSent,
}
