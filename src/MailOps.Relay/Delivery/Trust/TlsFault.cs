using MailOps.Policies.Dane;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>What is wrong with TLS: for the report to the domain, and in words.</summary>
internal sealed record TlsFault(TlsResultType Type, string Text)
{
    /// <summary>A certificate that fails its TLSA records, as reports name it.</summary>
    public static TlsResultType TypeOf(DaneFaultKind kind) => kind switch
    {
        DaneFaultKind.NotTrusted => TlsResultType.CertificateNotTrusted,
        DaneFaultKind.NotTimeValid => TlsResultType.CertificateExpired,
        DaneFaultKind.OtherName => TlsResultType.CertificateHostMismatch,
        _ => TlsResultType.TlsaInvalid,
    };
}
