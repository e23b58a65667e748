namespace MailOps;

/// <summary>One way to have a server pass mail on for a stranger, tried up to RCPT.</summary>
/// <param name="Name">The trick.</param>
/// <param name="Sender">What stood in MAIL FROM.</param>
/// <param name="Recipient">What stood in RCPT TO.</param>
/// <param name="Accepted">Whether the server took the recipient.</param>
/// <param name="Response">The reply that decided.</param>
public sealed record SmtpOpenRelayAttempt(string Name, string Sender, string Recipient, bool Accepted, string Response);
