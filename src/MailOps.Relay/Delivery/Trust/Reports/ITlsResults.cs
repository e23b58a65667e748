using System.Net;

namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>Who counts what became of TLS towards mail exchangers, for the reports of RFC 8460. It never blocks and never throws.</summary>
internal interface ITlsResults
{
    /// <summary>Counts one session, or one attempt at one. Those that carry only TLS reports are not counted (RFC 8460 section 3).</summary>
    void Count(TlsResult result);
}

/// <summary>What became of TLS in one session with a mail exchanger.</summary>
/// <param name="PolicyDomain">The recipients' domain in A-label form, by whose policy the session was judged and which gets the report.</param>
/// <param name="Policy">That policy.</param>
/// <param name="MxHost">The mail exchanger's name; null where a failure came before one was known.</param>
/// <param name="Failure">What went wrong; null for a session that satisfies the policy, or, without one, has TLS.</param>
/// <param name="Reason">What went wrong in a few words, with nothing secret, for the domain's administrator; null without.</param>
internal sealed record TlsResult(string PolicyDomain, AppliedPolicy Policy, string? MxHost, TlsResultType? Failure = null, string? Reason = null)
{
    /// <summary>Our address in the session; null where there was no connection.</summary>
    public IPAddress? SendingAddress { get; init; }

    /// <summary>The mail exchanger's.</summary>
    public IPAddress? ReceivingAddress { get; init; }
}

/// <summary>The policy a session was judged by (RFC 8460 section 4.4).</summary>
/// <param name="Type">Where it comes from.</param>
/// <param name="Strings">MTA-STS: the lines of the policy. DANE: each TLSA record as in <c>3 1 1 0123…</c>. Empty without a policy.</param>
/// <param name="MxPatterns">MTA-STS: the patterns of the mail exchangers' names; empty otherwise.</param>
internal sealed record AppliedPolicy(TlsPolicyType Type, IReadOnlyList<string> Strings, IReadOnlyList<string> MxPatterns)
{
    public static AppliedPolicy None { get; } = new(TlsPolicyType.NoPolicyFound, [], []);

    public static AppliedPolicy Of(Policies.MtaStsPolicy policy) => new(TlsPolicyType.Sts, policy.Lines, policy.Mx);
}

/// <summary>policy-type of RFC 8460 section 4.4.</summary>
internal enum TlsPolicyType
{
    NoPolicyFound,
    Sts,
    Tlsa,
}

/// <summary>result-type of RFC 8460 section 4.3.</summary>
internal enum TlsResultType
{
    /// <summary>The server offers no STARTTLS, or refuses it.</summary>
    StartTlsNotSupported,
    /// <summary>The certificate, or the mail exchanger's name, is not one of those that the policy allows.</summary>
    CertificateHostMismatch,
    CertificateExpired,
    /// <summary>Its issuer is not trusted.</summary>
    CertificateNotTrusted,
    /// <summary>Any other failure of the handshake or of the certificate.</summary>
    ValidationFailure,
    /// <summary>DANE: none of the TLSA records matches, or all are unusable.</summary>
    TlsaInvalid,
    /// <summary>DANE: the DNS answer is bogus.</summary>
    DnssecInvalid,
    /// <summary>DANE was required of this sender, and there are no TLSA records.</summary>
    DaneRequired,
    /// <summary>MTA-STS: the policy could not be fetched.</summary>
    StsPolicyFetchError,
    /// <summary>MTA-STS: the policy, or the record that announces it, cannot be read.</summary>
    StsPolicyInvalid,
    /// <summary>MTA-STS: the certificate of the server that has the policy is not valid for it.</summary>
    StsWebPkiInvalid,
}
