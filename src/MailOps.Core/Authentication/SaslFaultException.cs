namespace MailOps.Authentication;

/// <summary>A server does not keep to the mechanism by which it lets clients in.</summary>
/// <param name="mechanism">The mechanism.</param>
/// <param name="why">What it does, in words.</param>
/// <param name="cause">What the mechanism made of it.</param>
internal sealed class SaslFaultException(string mechanism, string why, Exception? cause = null) : Exception(why, cause)
{
    public string Mechanism { get; } = mechanism;
}
