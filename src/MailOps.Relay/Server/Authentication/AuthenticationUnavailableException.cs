namespace MailOps.Relay.Server.Authentication;

/// <summary>Whether the client is who it says cannot be found out now: it is told to try again later (RFC 4954 section 6, 454), never let in.</summary>
/// <param name="message">What is wrong, for the administrator.</param>
/// <param name="cause">The exception that said so, if one did.</param>
public sealed class AuthenticationUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
