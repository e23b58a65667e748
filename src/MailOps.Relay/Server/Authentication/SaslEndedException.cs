namespace MailOps.Relay.Server.Authentication;

/// <summary>The exchange is over before its mechanism is: the client cancelled it, or sent what is no answer.</summary>
/// <param name="reply">What to say.</param>
internal sealed class SaslEndedException(Reply reply) : Exception("The authentication exchange has ended.")
{
    public Reply Reply => reply;
}
