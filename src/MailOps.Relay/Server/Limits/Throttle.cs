namespace MailOps.Relay.Server.Limits;

/// <summary>What MAIL and RCPT pass before they run: the limits by the minute.</summary>
internal static class Throttle
{
    /// <summary>Why this message has to wait, or null.</summary>
    public static Reply? Message(Session session) =>
        session.Server.Rates.TryCount(session.Connection.Client, Rate.Messages, session.Limits.MaxMessageRate) ? null : Replies.MessagesTooFast;

    /// <summary>Why this recipient has to wait, or null.</summary>
    public static Reply? Recipient(Session session) =>
        session.Server.Rates.TryCount(session.Connection.Client, Rate.Recipients, session.Limits.MaxRecipientRate) ? null : Replies.RecipientsTooFast;
}
