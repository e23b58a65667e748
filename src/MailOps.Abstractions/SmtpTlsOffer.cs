namespace MailOps;

/// <summary>A version of TLS that a server takes, with its ciphers.</summary>
/// <param name="Version">The version.</param>
/// <param name="CipherSuites">The ciphers that it takes with it, by the names of the IANA's registry, in the order of its choice.</param>
public sealed record SmtpTlsOffer(TlsVersion Version, string[] CipherSuites)
{
    /// <summary>The version, and how many ciphers.</summary>
    public override string ToString() => FormattableString.Invariant($"{Version} ({CipherSuites.Length})");
}
