namespace MailOps;

/// <summary>What became of the message of <c>Test-MailFlow</c>.</summary>
public enum MailFlowOutcome
{
    /// <summary>It is in the mailbox.</summary>
    Arrived,
    /// <summary>A server took it, or had the whole of it when the connection broke, and it was not in the mailbox when the time was over or the mailbox refused the login.</summary>
    NotArrived,
    /// <summary>The first server did not take it.</summary>
    NotSent,
}
